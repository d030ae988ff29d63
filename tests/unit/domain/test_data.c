/* The shipped definitions hold together: every reference meets its target, every list is without
 * doubles, a normal day fits its taps, and no forbidden word (ux §14) stands anywhere. */
#include "fixture.h"

#include <dirent.h>

#include "domain/dutyday.h"
#include "domain/size.h"

enum { FILES = 60, MAX_TAPS = 12 };

struct file {
    char name[120]; /* under data/, e.g. templates/codes.json */
    struct str text;
    const struct jin *doc;
};

static struct arena arena;
static struct file files[FILES];
static size_t nfiles;
static const struct jin *codes;

static void load_dir(const char *under)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", data_dir(), under);
    DIR *dir = opendir(path);
    if (!dir)
        fail_msg("no directory %s", path);
    for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
        if (!str_ends(str_z(d->d_name), S(".json")))
            continue;
        assert_true(nfiles < FILES);
        struct file *f = &files[nfiles++];
        assert_true(snprintf(f->name, sizeof f->name, "%s/%s", under, d->d_name) < 120);
        f->text = data_read(&arena, f->name);
        f->doc = data_json(&arena, f->name);
    }
    closedir(dir);
}

static const struct file *file_of(const char *name)
{
    for (size_t i = 0; i < nfiles; i++)
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    fail_msg("no %s", name);
    return NULL;
}

static const struct jin *body_of(const char *name)
{
    return data_body(file_of(name)->doc);
}

static bool is_daily(const struct file *f)
{
    return str_starts(str_z(f->name), S("templates/daily_lists/"));
}

static struct str text_at(const struct jin *obj, const char *key)
{
    return jin_str(jin_get(obj, key));
}

/* must_text: a member that is text and not empty. */
static struct str must_text(const struct file *f, const struct jin *obj, const char *key)
{
    struct str s = text_at(obj, key);
    if (str_empty(s))
        fail_msg("%s: no %s", f->name, key);
    return s;
}

/* The row of rows whose member is s, or NULL. */
static const struct jin *find_row(const struct jin *rows, const char *key, struct str s)
{
    for (size_t i = 0; i < jin_len(rows); i++)
        if (str_eq(text_at(jin_at(rows, i), key), s))
            return jin_at(rows, i);
    return NULL;
}

static void must_be_unique(const char *where, const struct jin *rows, const char *key)
{
    for (size_t i = 0; i < jin_len(rows); i++) {
        struct str s = text_at(jin_at(rows, i), key);
        if (str_empty(s) || find_row(rows, key, s) != jin_at(rows, i))
            fail_msg("%s: %s \"%.*s\" is empty or twice", where, key, STR_ARG(s));
    }
}

static void must_be_code(const char *where, const char *list, struct str code)
{
    const struct jin *rows = jin_get(codes, list);
    if (!rows || !find_row(rows, "code", code))
        fail_msg("%s: \"%.*s\" is not in code list %s", where, STR_ARG(code), list);
}

static void must_be_codes(const char *where, const char *list, const struct jin *values)
{
    for (size_t i = 0; i < jin_len(values); i++)
        must_be_code(where, list, jin_str(jin_at(values, i)));
}

/* "x": …, "codes": "list" of any described row names a list that exists. */
static void must_name_list(const char *where, const struct jin *row)
{
    struct str list = text_at(row, "codes");
    if (str_empty(list))
        return;
    char name[60];
    snprintf(name, sizeof name, "%.*s", STR_ARG(list));
    if (jin_len(jin_get(codes, name)) == 0)
        fail_msg("%s: no code list %s", where, name);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void test_headers(void **state)
{
    (void)state;
    assert_true(nfiles >= 18);
    for (size_t i = 0; i < nfiles; i++) {
        const struct file *f = &files[i];
        struct str name = must_text(f, f->doc, "template");
        const char *stem = strrchr(f->name, '/') + 1;
        char want[120];
        snprintf(want, sizeof want, "%s%.*s", is_daily(f) ? "daily_" : "", (int)(strlen(stem) - 5),
            stem);
        same(name, want);
        assert_true(jin_int(jin_get(f->doc, "version"), 0) >= 1);
        same(must_text(f, f->doc, "issuer"), "平台默认（待省局附件替换）");
        must_text(f, f->doc, "title");
        must_text(f, f->doc, "status");
        jin_day(f->doc, "effective_from");
        assert_int_equal(jin_type(data_body(f->doc)), JIN_OBJ);
    }
}

static void check_aliases(const char *list, const struct jin *rows, const struct jin *row)
{
    const struct jin *aliases = jin_get(row, "aliases");
    for (size_t i = 0; i < jin_len(aliases); i++) {
        struct str alias = jin_str(jin_at(aliases, i));
        for (size_t k = 0; k < jin_len(rows); k++) {
            const struct jin *other = jin_at(rows, k);
            if (other == row)
                continue;
            if (str_eq(text_at(other, "code"), alias) || str_eq(text_at(other, "label"), alias))
                fail_msg("%s: alias %.*s names another code", list, STR_ARG(alias));
            const struct jin *theirs = jin_get(other, "aliases");
            for (size_t m = 0; m < jin_len(theirs); m++)
                if (str_eq(jin_str(jin_at(theirs, m)), alias))
                    fail_msg("%s: alias %.*s is of two codes", list, STR_ARG(alias));
        }
    }
}

static void test_code_lists(void **state)
{
    (void)state;
    struct str key;
    const struct jin *rows;
    size_t lists = 0;
    for (; jin_member(codes, lists, &key, &rows); lists++) {
        char name[60];
        snprintf(name, sizeof name, "%.*s", STR_ARG(key));
        assert_true(jin_len(rows) >= 2);
        must_be_unique(name, rows, "code");
        must_be_unique(name, rows, "label");
        for (size_t i = 0; i < jin_len(rows); i++)
            check_aliases(name, rows, jin_at(rows, i));
    }
    assert_true(lists >= 40);
    const struct jin *abnormal = jin_get(codes, "abnormal");
    assert_int_equal(jin_len(abnormal), 16);
    for (size_t i = 0; i < jin_len(abnormal); i++)
        must_be_code("abnormal", "abnormal_duty", text_at(jin_at(abnormal, i), "duty"));
    assert_int_equal(jin_len(jin_get(codes, "entry_reason")), 14);
}

/* One row F(S, name, CODE, flags, max, "label", list): its list exists. Returns 1 for a coded row.
 */
static size_t check_field_row(const char *file, struct str row)
{
    struct str rest = row;
    str_cut(rest, ',', &rest); /* the name; rows are cut behind "S," */
    struct str type = str_trim(str_cut(rest, ',', &rest));
    if (!str_eqz(type, "CODE") && !str_eqz(type, "CODES"))
        return 0;
    str_cut(rest, '"', &rest);
    str_cut(rest, '"', &rest); /* behind the label */
    str_cut(rest, ',', &rest);
    struct str list = str_trim(str_cut(rest, ')', &rest));
    char name[60];
    snprintf(name, sizeof name, "%.*s", STR_ARG(list));
    if (!str_eqz(list, "none") && jin_len(jin_get(codes, name)) == 0)
        fail_msg("%s: no code list %s", file, name);
    return 1;
}

/* Every code list that a described field of a feature names is shipped. */
static void test_fields_name_shipped_lists(void **state)
{
    (void)state;
    static const char *const features[] = {
        "account", "duty", "hazard", "import", "ledger", "org", "people", "system"};
    size_t coded = 0;
    for (size_t i = 0; i < COUNT(features); i++) {
        char file[80];
        snprintf(file, sizeof file, "../src/feature/%s/fields.def", features[i]);
        struct str rest = data_read(&arena, file);
        for (ptrdiff_t at = str_find(rest, S("F(S, ")); at >= 0; at = str_find(rest, S("F(S, "))) {
            rest = str_sub(rest, (size_t)at + 4, rest.n);
            struct str row = str_sub(rest, 0, 300);
            coded += check_field_row(file, row);
        }
    }
    assert_true(coded >= 40);
}

/* Names in the code agree with the lists: sizes, levels, day statuses. */
static void test_lists_agree_with_the_code(void **state)
{
    (void)state;
    for (int s = SIZE_UNKNOWN; s < SIZE_COUNT; s++)
        must_be_code("size", "size", str_z(size_code((enum size)s)));
    for (int s = 0; s < DAY_STATUSES; s++) {
        struct str code = str_z(duty_status_code((enum duty_status)s));
        const struct jin *row = find_row(jin_get(codes, "day_status"), "code", code);
        assert_non_null(row);
        same(text_at(row, "label"), duty_status_label((enum duty_status)s));
    }
}

/* The member that a column is stored in stands in the rows of the ledger's fields. */
static void check_member(const char *name, const struct jin *col)
{
    static struct str defs;
    if (!defs.p)
        defs = data_read(&arena, "../src/feature/ledger/fields.def");
    struct str of = text_at(col, "of"), member = text_at(col, "field");
    if (str_eqz(of, "person"))
        must_be_code(name, "post", text_at(col, "post"));
    if (!str_eqz(of, "firm") && !str_eqz(of, "product"))
        return;
    struct str parts[] = {S("F(S, "), member, S(",")};
    if (str_find(defs, arena_cat(&arena, parts, 3)) < 0)
        fail_msg("%s: no member %.*s", name, STR_ARG(member));
}

static void check_ledger(const char *name, size_t want, const char *last)
{
    const struct file *f = file_of(name);
    const struct jin *columns = jin_get(data_body(f->doc), "columns");
    const struct jin *groups = jin_get(data_body(f->doc), "groups");
    assert_int_equal(jin_len(columns), want);
    must_be_unique(name, columns, "key");
    for (size_t i = 0; i < want; i++) {
        const struct jin *col = jin_at(columns, i);
        assert_int_equal(jin_int(jin_get(col, "no"), 0), i + 1);
        must_text(f, col, "label");
        must_name_list(name, col);
        check_member(name, col);
        assert_non_null(find_row(groups, "group", text_at(col, "group")));
        struct str type = must_text(f, col, "type");
        bool coded = str_eqz(type, "code") || str_eqz(type, "codes") || str_eqz(type, "bool");
        assert_int_equal(coded, !str_empty(text_at(col, "codes")));
        assert_true(jin_int(jin_get(col, "width"), 0) > 0);
    }
    same(text_at(jin_at(columns, want - 1), "key"), last);
}

static void test_ledgers(void **state)
{
    (void)state;
    check_ledger("templates/att2.json", 59, "remark");
    check_ledger("templates/att3.json", 63, "remark");
    static const char *const needed[] = {
        "name", "uscc", "legal_person", "town", "entry_reason", "product"};
    const char *const both[] = {"templates/att2.json", "templates/att3.json"};
    for (size_t i = 0; i < COUNT(needed) * 2; i++) {
        const struct jin *columns = jin_get(body_of(both[i % 2]), "columns");
        const struct jin *col = find_row(columns, "key", str_z(needed[i / 2]));
        assert_true(jin_bool(jin_get(col, "required"), false));
    }
}

static bool ledger_key(struct str key)
{
    return find_row(jin_get(body_of("templates/att2.json"), "columns"), "key", key) ||
           find_row(jin_get(body_of("templates/att3.json"), "columns"), "key", key);
}

/* The permissions the program knows, as "name" in quotes. */
static bool perm_known(struct str perm)
{
    static struct str defs;
    if (!defs.p)
        defs = data_read(&arena, "../src/core/perms.def");
    struct str parts[] = {S("\""), perm, S("\"")};
    return str_find(defs, arena_cat(&arena, parts, 3)) >= 0;
}

static void check_fields(const char *where, const struct jin *fields)
{
    must_be_unique(where, fields, "key");
    for (size_t i = 0; i < jin_len(fields); i++) {
        const struct jin *row = jin_at(fields, i);
        assert_false(str_empty(text_at(row, "label")));
        must_name_list(where, row);
        assert_int_equal(str_eqz(text_at(row, "type"), "code"), !str_empty(text_at(row, "codes")));
    }
}

static void check_transition(const char *where, const struct jin *states, const struct jin *t)
{
    assert_non_null(find_row(states, "code", text_at(t, "to")));
    const struct jin *from = jin_get(t, "from");
    assert_true(jin_len(from) > 0);
    for (size_t i = 0; i < jin_len(from); i++)
        assert_non_null(find_row(states, "code", jin_str(jin_at(from, i))));
    if (!perm_known(text_at(t, "perm")))
        fail_msg("%s: unknown permission %.*s", where, STR_ARG(text_at(t, "perm")));
    must_be_codes(where, "level", jin_get(t, "levels"));
    must_be_codes(where, "post", jin_get(t, "roles"));
    assert_true(jin_len(jin_get(t, "levels")) + jin_len(jin_get(t, "roles")) > 0);
    const struct jin *needs = jin_get(t, "needs");
    for (size_t i = 0; i < jin_len(needs); i++)
        assert_true(ledger_key(jin_str(jin_at(needs, i))));
    check_fields(where, jin_get(t, "fields"));
    assert_false(str_empty(text_at(t, "label")));
    assert_false(str_empty(text_at(t, "rule")));
}

/* The states that can be reached from the initial one. */
static size_t count_reached(const struct jin *body)
{
    const struct jin *states = jin_get(body, "states"), *ts = jin_get(body, "transitions");
    bool seen[20] = {false};
    for (size_t round = 0; round <= jin_len(states); round++) {
        for (size_t s = 0; s < jin_len(states); s++) {
            struct str code = text_at(jin_at(states, s), "code");
            seen[s] = seen[s] || str_eq(code, text_at(body, "initial")) ||
                      text_at(jin_at(states, s), "by").n;
            for (size_t i = 0; i < jin_len(ts) && !seen[s]; i++) {
                const struct jin *t = jin_at(ts, i), *from = jin_get(t, "from");
                for (size_t k = 0; k < jin_len(from) && str_eq(text_at(t, "to"), code); k++)
                    for (size_t m = 0; m < jin_len(states); m++)
                        seen[s] = seen[s] || (seen[m] && str_eq(jin_str(jin_at(from, k)),
                                                             text_at(jin_at(states, m), "code")));
            }
        }
    }
    size_t n = 0;
    for (size_t s = 0; s < jin_len(states); s++)
        n += seen[s];
    return n;
}

static void check_workflow(const char *name, const char *list, const char *order)
{
    const struct jin *body = body_of(name);
    const struct jin *states = jin_get(body, "states"), *ts = jin_get(body, "transitions");
    must_be_unique(name, states, "code");
    must_be_unique(name, ts, "code");
    for (size_t i = 0; i < jin_len(ts); i++)
        check_transition(name, states, jin_at(ts, i));
    assert_int_equal(count_reached(body), jin_len(states));
    const struct jin *rows = jin_get(codes, list);
    assert_int_equal(jin_len(rows), jin_len(states));
    struct str rest = str_z(order);
    for (size_t i = 0; i < jin_len(states); i++) {
        struct str want = str_cut(rest, ',', &rest);
        assert_true(str_eq(text_at(jin_at(states, i), "code"), want));
        assert_true(str_eq(text_at(jin_at(rows, i), "code"), want));
        assert_true(str_eq(text_at(jin_at(rows, i), "label"), text_at(jin_at(states, i), "label")));
    }
}

/* Whoever comes to `to` comes from `before`, by every transition there is. */
static void check_only_from(const char *name, const char *to, const char *before)
{
    const struct jin *ts = jin_get(body_of(name), "transitions");
    size_t n = 0;
    for (size_t i = 0; i < jin_len(ts); i++) {
        const struct jin *t = jin_at(ts, i), *from = jin_get(t, "from");
        if (!str_eqz(text_at(t, "to"), to))
            continue;
        n++;
        assert_int_equal(jin_len(from), 1);
        same(jin_str(jin_at(from, 0)), before);
    }
    assert_int_equal(n, 1);
}

static void test_workflows(void **state)
{
    (void)state;
    check_only_from("templates/workflow_firm.json", "admitted", "reviewed"); /* PL-93 */
    check_only_from("templates/workflow_firm.json", "reviewed", "submitted");
    check_only_from("templates/workflow_hazard.json", "closed", "fixed");
    check_workflow("templates/workflow_firm.json", "firm_state",
        "draft,submitted,reviewed,admitted,returned,merged");
    check_workflow(
        "templates/workflow_hazard.json", "hazard_state", "found,reported,fixing,fixed,closed");
    check_only_from("templates/workflow_submission.json", "accepted", "sent");
    check_workflow("templates/workflow_campaign.json", "campaign_state", "open,closed");
    check_workflow("templates/workflow_submission.json", "submission_state",
        "making,sent,accepted,returned,void");
}

static void test_paper_checklist(void **state)
{
    (void)state;
    const char *name = "templates/paper_checklist.json";
    const struct jin *items = jin_get(body_of(name), "items");
    must_be_unique(name, items, "code");
    must_be_unique(name, items, "text");
    for (size_t i = 0; i < jin_len(items); i++) {
        const struct jin *item = jin_at(items, i), *compare = jin_get(item, "compare");
        must_be_codes(name, "firm_role", jin_get(item, "roles"));
        for (size_t k = 0; k < jin_len(compare); k++)
            assert_true(ledger_key(jin_str(jin_at(compare, k))));
        const struct jin *when = jin_get(item, "when");
        if (!when)
            continue;
        struct str key = text_at(when, "key"), rest = text_at(when, "is");
        assert_true(ledger_key(key));
        while (rest.n)
            must_be_code(name, str_eqz(key, "sale_modes") ? "sale_mode" : "applicability",
                str_cut(rest, ',', &rest));
    }
}

static void test_settings(void **state)
{
    (void)state;
    const char *name = "templates/settings.json";
    const struct jin *rows = jin_get(body_of(name), "settings");
    must_be_unique(name, rows, "key");
    must_be_unique(name, rows, "label");
    for (size_t i = 0; i < jin_len(rows); i++) {
        const struct jin *row = jin_at(rows, i);
        int64_t least = jin_int(jin_get(row, "min"), -1), most = jin_int(jin_get(row, "max"), -1);
        int64_t value = jin_int(jin_get(row, "default"), -1);
        assert_true(least >= 0 && least <= value && value <= most);
        assert_int_equal(jin_int(jin_get(row, "value"), -1), value);
        assert_false(str_empty(text_at(row, "unit")) || str_empty(text_at(row, "rule")));
    }
    const struct jin *missing = find_row(rows, "key", S("missing_after_days"));
    assert_int_equal(jin_int(jin_get(missing, "value"), -1), DUTY_MISSING_AFTER);
}

struct seen {
    struct str codes[40];
    struct str links[40];
    size_t n;
};

static void check_item(
    const struct file *f, const struct jin *item, struct str role, struct seen *s)
{
    struct str code = must_text(f, item, "code"), category = must_text(f, item, "category");
    struct str parts[] = {category, S("/"), must_text(f, item, "link")};
    struct str link = arena_cat(&arena, parts, 3);
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->codes[i], code) || str_eq(s->links[i], link))
            fail_msg("%s: %.*s twice", f->name, STR_ARG(code));
    s->codes[s->n] = code;
    s->links[s->n++] = link;
    const struct jin *row = find_row(jin_get(codes, "risk_category"), "code", category);
    if (!row || !str_eq(text_at(row, "role"), role))
        fail_msg("%s %.*s: category %.*s", f->name, STR_ARG(code), STR_ARG(category));
    must_be_code(f->name, "risk_size", text_at(item, "level"));
    must_be_code(f->name, "frequency", text_at(item, "frequency"));
    must_text(f, item, "measure");
    assert_true(utf8_len(must_text(f, item, "text")) <= 30);
}

/* Taps of a normal day: open, start, key items, one per area with other items, submit, confirm. */
static size_t check_daily(const struct file *f)
{
    const struct jin *body = data_body(f->doc), *areas = jin_get(body, "areas");
    struct str role = text_at(body, "role");
    must_be_code(f->name, "firm_role", role);
    must_be_codes(f->name, "applicability", jin_get(jin_get(body, "match"), "classes"));
    must_be_unique(f->name, areas, "code");
    struct seen seen = {.n = 0};
    size_t taps = 4;
    for (size_t a = 0; a < jin_len(areas); a++) {
        const struct jin *items = jin_get(jin_at(areas, a), "items");
        size_t keys = 0;
        for (size_t i = 0; i < jin_len(items); i++) {
            check_item(f, jin_at(items, i), role, &seen);
            keys += jin_bool(jin_get(jin_at(items, i), "key"), false);
        }
        assert_true(keys <= 2 && jin_len(items) >= 3);
        taps += keys + (keys < jin_len(items));
    }
    if (taps > MAX_TAPS)
        fail_msg("%s: %zu taps", f->name, taps);
    return seen.n;
}

static void test_daily_lists(void **state)
{
    (void)state;
    size_t lists = 0;
    for (size_t i = 0; i < nfiles; i++) {
        if (!is_daily(&files[i]))
            continue;
        lists++;
        size_t items = check_daily(&files[i]);
        bool small = str_ends(str_z(files[i].name), S("sales_small.json"));
        assert_true(small ? items <= 8 : items >= 10 && items <= 16);
    }
    assert_true(lists >= 12);
}

static void must_not_hold(const struct file *f, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_find(f->text, str_z(words[i])) >= 0)
            fail_msg("%s holds \"%s\"", f->name, words[i]);
}

static void test_forbidden_words(void **state)
{
    (void)state;
    static const char *const never[] = {"打卡", "签到", "积分", "排名", "排行", "名次", "红黑榜",
        "榜单", "在线时长", "学习时长", "活跃度", "登录率", "安装率", "下载率", "使用率", "关注率",
        "点赞", "投票评优", "转发量", "轨迹", "足迹", "步数", "强制登录", "必须登录", "强制安装",
        "零报告", "punch", "checkin", "check_in", "sign_in_days", "reward_points", "ranking",
        "leaderboard", "streak", "online_time", "active_rate", "login_rate", "install_rate",
        "track", "trajectory", "likes", "share_count"};
    static const char *const phone[] = {"报送", "填报", "审核流程", "逾期未报", "闭环率", "留痕",
        "责任主体", "整改时限", "异常数据", "催办", "督促", "敦促", "立即", "务必", "否则", "扣分",
        "加分", "通报", "！", "!"};
    for (size_t i = 0; i < nfiles; i++) {
        must_not_hold(&files[i], never, COUNT(never));
        if (is_daily(&files[i]) || strstr(files[i].name, "workflow_hazard"))
            must_not_hold(&files[i], phone, COUNT(phone));
    }
}

/* --- reference tables --------------------------------------------------------------------------
 */

static struct str field(struct str line, size_t at)
{
    struct str one = STR_NULL;
    for (size_t i = 0; i <= at; i++)
        one = str_cut(line, ',', &line);
    return one;
}

/* Counts the area rows and checks that every parent stands before its children. */
static size_t check_areas(struct str csv, size_t of_level[5])
{
    struct str rest = csv;
    size_t n = 0;
    str_cut(rest, '\n', &rest);
    while (!str_empty(rest)) {
        struct str line = str_cut(rest, '\n', &rest), parent = field(line, 4);
        int64_t level;
        assert_true(str_int(field(line, 3), &level) && level >= 1 && level <= 4);
        of_level[level]++;
        n++;
        if (level == 1)
            continue;
        struct str parts[] = {S("\n"), parent, S(",")};
        ptrdiff_t at = str_find(csv, arena_cat(&arena, parts, 3));
        if (at < 0 || csv.p + at > line.p)
            fail_msg("area without parent: %.*s", STR_ARG(line));
    }
    return n;
}

static void test_areas(void **state)
{
    (void)state;
    struct str areas = data_read(&arena, "divisions_shanxi.csv");
    size_t of_level[5] = {0};
    assert_int_equal(check_areas(areas, of_level), 1485);
    assert_int_equal(of_level[2], 11);
    assert_int_equal(of_level[3], 121);
    assert_int_equal(of_level[4], 1352);
    struct str rest = data_read(&arena, "villages_shanxi.csv");
    size_t villages = 0;
    struct str known = STR_NULL;
    str_cut(rest, '\n', &rest);
    for (; !str_empty(rest); villages++) {
        struct str town = str_sub(str_cut(rest, '\n', &rest), 0, 9);
        if (str_eq(town, known))
            continue;
        if (str_find(areas, town) < 0)
            fail_msg("village of an unknown township: %.*s", STR_ARG(town));
        known = town;
    }
    assert_int_equal(villages, 21895);
}

static void test_tiles(void **state)
{
    (void)state;
    struct str areas = data_read(&arena, "divisions_shanxi.csv");
    const struct jin *doc = data_json(&arena, "tilegrid_shanxi.json");
    const char *const lists[] = {"city_tiles", "county_tiles"};
    const size_t want[] = {11, 117};
    for (size_t l = 0; l < 2; l++) {
        const struct jin *tiles = jin_get(doc, lists[l]);
        assert_int_equal(jin_len(tiles), want[l]);
        must_be_unique(lists[l], tiles, "code");
        for (size_t i = 0; i < want[l]; i++) {
            struct str parts[] = {S("\n"), text_at(jin_at(tiles, i), "code"), S(",")};
            assert_true(str_find(areas, arena_cat(&arena, parts, 3)) >= 0);
        }
    }
    jin_free(doc);
}

static void test_industries_have_a_size_row(void **state)
{
    (void)state;
    struct size_table sizes;
    assert_int_equal(
        size_parse(data_read(&arena, "size_standard_2017.csv"), &arena, &sizes, NULL), OK);
    struct str rest = data_read(&arena, "industry_gbt4754_2017_l1l2.csv");
    size_t n = 0, split = 0;
    str_cut(rest, '\n', &rest);
    for (; !str_empty(rest); n++) {
        struct str group = str_trim(field(str_cut(rest, '\n', &rest), 4));
        size_t hits = 0;
        for (size_t i = 0; i < sizes.n; i++)
            hits += str_eq(sizes.rows[i].group, group);
        split += str_eqz(group, "(按中类)"); /* decided by the three-digit class */
        if (!str_empty(group) && hits == 0 && !str_starts(group, S("(")))
            fail_msg("no size row for group %.*s", STR_ARG(group));
    }
    assert_int_equal(n, 117);
    assert_int_equal(split, 2);
}

static void test_catalogues(void **state)
{
    (void)state;
    const char *const names[] = {
        "catalogue_production_licence_2024.json", "catalogue_ccc_2023.json"};
    const size_t classes[] = {14, 16}, products[] = {27, 96};
    for (size_t i = 0; i < 2; i++) {
        const struct jin *doc = data_json(&arena, names[i]);
        const struct jin *rows = jin_get(doc, "catalogue");
        size_t n = 0;
        for (size_t k = 0; k < jin_len(rows); k++)
            n += jin_len(jin_get(jin_at(rows, k), "products"));
        assert_int_equal(jin_len(rows), classes[i]);
        assert_int_equal(n, products[i]);
        jin_free(doc);
    }
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    load_dir("templates");
    load_dir("templates/daily_lists");
    codes = body_of("templates/codes.json");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < nfiles; i++)
        jin_free(files[i].doc);
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_code_lists),
        cmocka_unit_test(test_fields_name_shipped_lists),
        cmocka_unit_test(test_lists_agree_with_the_code),
        cmocka_unit_test(test_ledgers),
        cmocka_unit_test(test_workflows),
        cmocka_unit_test(test_paper_checklist),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_daily_lists),
        cmocka_unit_test(test_forbidden_words),
        cmocka_unit_test(test_areas),
        cmocka_unit_test(test_tiles),
        cmocka_unit_test(test_industries_have_a_size_row),
        cmocka_unit_test(test_catalogues),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
