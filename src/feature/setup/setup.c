/* Shipped definitions, areas and authorities into an empty store. */
#include <stdio.h>

#include "base/civil.h"
#include "base/jsonin.h"
#include "base/shipped.h"
#include "core/batch.h"
#include "core/template.h"
#include "domain/pinyin.h"
#include "feature/account/account.h"
#include "feature/org/org.h"
#include "feature/setup/setup_impl.h"

enum { JSON_DEPTH = 32, INITIALS_MAX = 400 };

/* --- templates -------------------------------------------------------------------------------- */

enum err setup_shipped_row(struct ctx *c, const struct shipped *file, struct template_row *ret)
{
    const struct jin *doc = NULL;
    enum err e = jin_parse(file->body, JSON_DEPTH, &doc);
    if (e)
        return failf(c, ERR_CORRUPT, NULL, "内置定义 %s 读不懂", file->path);
    desc_clear(&template_row_desc, ret);
    ret->name = keep(c, jin_str(jin_get(doc, "template")));
    ret->title = keep(c, jin_str(jin_get(doc, "title")));
    ret->issuer = keep(c, jin_str(jin_get(doc, "issuer")));
    ret->body = keep(c, jin_text(jin_get(doc, "body")));
    struct str from = jin_str(jin_get(doc, "effective_from"));
    if (!from.p || !civil_parse_day(from, &ret->effective_from))
        ret->effective_from = NULL_INT;
    jin_free(doc);
    ret->reason = S(SETUP_SHIPPED);
    return OK;
}

bool setup_is_template(size_t i)
{
    return shipped_at(i) && str_starts(str_z(shipped_at(i)->path), S("templates/"));
}

enum err setup_templates(struct ctx *c, void *unused)
{
    struct template_row row;
    (void)unused;
    for (size_t i = shipped_first("templates/"); setup_is_template(i); i++) {
        if (!str_ends(str_z(shipped_at(i)->path), S(".json")))
            continue;
        enum err e = setup_shipped_row(c, shipped_at(i), &row);
        if (!e)
            e = template_publish(c, &row);
        if (e)
            return e;
    }
    return setup_seen(c);
}

/* --- areas ------------------------------------------------------------------------------------ */

struct area_line {
    struct str code, name, level, parent, kind, statutory, pinyin, initials;
};

/* Townships and villages come without initials: they are made, so that all can be searched alike.
 */
static struct str initials_of(struct ctx *c, const struct pinyin *p, struct str name)
{
    struct buf b;
    buf_init(&b, INITIALS_MAX);
    pinyin_initials(p, name, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static enum err line_put(struct ctx *c, const struct pinyin *p, const struct area_line *a)
{
    struct area_row row;
    int64_t level = 5, statutory = 1;
    (void)str_int(a->level, &level);
    (void)str_int(a->statutory, &statutory);
    desc_clear(&area_row_desc, &row);
    row.code = a->code;
    row.name = a->name;
    row.level = level;
    row.parent = a->parent.n ? a->parent : STR_NULL;
    row.kind = a->kind;
    row.statutory = statutory;
    row.pinyin = a->pinyin;
    row.initials = a->initials.n ? a->initials : initials_of(c, p, a->name);
    return area_put(c, &row);
}

static enum err divisions(struct ctx *c, const struct pinyin *p, struct str text)
{
    (void)str_cut(text, '\n', &text);
    while (text.n) {
        struct str line = str_trim(str_cut(text, '\n', &text)), nbs;
        struct area_line a = {0};
        if (!line.n)
            continue;
        a.code = str_cut(line, ',', &line);
        nbs = str_cut(line, ',', &line);
        (void)nbs;
        a.name = str_cut(line, ',', &line);
        a.level = str_cut(line, ',', &line);
        a.parent = str_cut(line, ',', &line);
        a.kind = str_cut(line, ',', &line);
        a.statutory = str_cut(line, ',', &line);
        a.pinyin = str_cut(line, ',', &line);
        a.initials = str_cut(line, ',', &line);
        enum err e = line_put(c, p, &a);
        if (e)
            return e;
    }
    return OK;
}

static enum err villages(struct ctx *c, const struct pinyin *p, struct str text)
{
    (void)str_cut(text, '\n', &text);
    while (text.n) {
        struct str line = str_trim(str_cut(text, '\n', &text));
        struct area_line a = {.level = S("5"), .kind = S("村（社区）"), .statutory = S("1")};
        if (!line.n)
            continue;
        a.code = str_cut(line, ',', &line);
        a.name = line;
        a.parent = str_sub(a.code, 0, 9);
        enum err e = line_put(c, p, &a);
        if (e)
            return e;
    }
    return OK;
}

enum err setup_areas(struct ctx *c, void *unused)
{
    const struct shipped *d = shipped_find("divisions_shanxi.csv");
    const struct shipped *v = shipped_find("villages_shanxi.csv");
    const struct shipped *letters = shipped_find("pinyin_initials.txt");
    struct pinyin p;
    (void)unused;
    if (!d || !v || !letters)
        return fail(c, ERR_CORRUPT, NULL, "程序内没有区划数据");
    enum err e = pinyin_parse(letters->body, c->a, &p, NULL);
    if (e)
        return fail(c, e, NULL, NULL);
    e = divisions(c, &p, d->body);
    return e ? e : villages(c, &p, v->body);
}

/* --- authorities ------------------------------------------------------------------------------ */

/* 示范区: its authority stands beside the cities, directly under the province (PL-1). */
static bool special_zone(struct str name)
{
    return str_eqz(name, "山西转型综合改革示范区");
}

struct node {
    int64_t id;
};

static enum err org_put(struct ctx *c, const struct node *up, int level, struct str area,
    struct str name, struct node *ret)
{
    struct org_row row;
    desc_clear(&org_row_desc, &row);
    row.parent = up ? up->id : NULL_INT;
    row.level = level;
    row.name = name;
    row.area = area;
    enum err e = org_add(c, &row, STR_NULL);
    ret->id = row.id;
    return e;
}

struct place {
    struct str code, name, parent;
    bool statutory;
};

static enum err places(struct ctx *c, int level, struct place **ret, size_t *n)
{
    struct q q;
    size_t max = 2000;
    *ret = arena_new(c->a, struct place, max);
    *n = 0;
    if (!*ret)
        return fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_area_level);
    q_int(&q, "level", level);
    while (*n < max && q_row(&q)) {
        struct place *p = &(*ret)[(*n)++];
        p->code = keep(c, q_get_str(&q, 0));
        p->name = keep(c, q_get_str(&q, 1));
        p->parent = keep(c, q_get_str(&q, 2));
        p->statutory = q_get_int(&q, 4) == 1;
    }
    return db_fail(c, q_end(&q));
}

static struct str bureau(struct ctx *c, struct str area)
{
    return arena_fmt(c->a, "%.*s市场监督管理局", STR_ARG(area));
}

/* 文水 calls its stations 乡镇执法中队; everywhere else 市场监督管理所 (configurable names). */
static struct str station(struct ctx *c, const struct place *town)
{
    bool squad = str_starts(town->code, S("141121"));
    return arena_fmt(c->a, squad ? "%.*s执法中队" : "%.*s市场监督管理所", STR_ARG(town->name));
}

static enum err stations(
    struct ctx *c, const struct node *county, struct str code, const struct place *towns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct node leaf;
        if (!str_eq(towns[i].parent, code))
            continue;
        enum err e = org_put(c, county, 4, towns[i].code, station(c, &towns[i]), &leaf);
        if (e)
            return e;
    }
    return OK;
}

struct tree {
    struct place *cities, *counties, *towns;
    size_t ncities, ncounties, ntowns;
};

static enum err counties(
    struct ctx *c, const struct node *city, struct str code, const struct tree *t)
{
    for (size_t i = 0; i < t->ncounties; i++) {
        const struct place *p = &t->counties[i];
        struct node county;
        if (!str_eq(p->parent, code) || special_zone(p->name))
            continue;
        enum err e = org_put(c, city, 3, p->code, bureau(c, p->name), &county);
        if (!e)
            e = stations(c, &county, p->code, t->towns, t->ntowns);
        if (e)
            return e;
    }
    return OK;
}

static enum err zone(struct ctx *c, const struct node *province, const struct tree *t)
{
    for (size_t i = 0; i < t->ncounties; i++) {
        const struct place *p = &t->counties[i];
        struct node node;
        if (!special_zone(p->name))
            continue;
        enum err e = org_put(c, province, 2, p->code, bureau(c, p->name), &node);
        if (!e)
            e = stations(c, &node, p->code, t->towns, t->ntowns);
        if (e)
            return e;
    }
    return OK;
}

enum err setup_orgs(struct ctx *c, void *unused)
{
    struct tree t;
    struct node province, city;
    (void)unused;
    enum err e = places(c, 2, &t.cities, &t.ncities);
    if (!e)
        e = places(c, 3, &t.counties, &t.ncounties);
    if (!e)
        e = places(c, 4, &t.towns, &t.ntowns);
    if (!e)
        e = org_put(c, NULL, 1, S("140000"), bureau(c, S("山西省")), &province);
    for (size_t i = 0; !e && i < t.ncities; i++) {
        e = org_put(c, &province, 2, t.cities[i].code, bureau(c, t.cities[i].name), &city);
        if (!e)
            e = counties(c, &city, t.cities[i].code, &t);
    }
    return e ? e : zone(c, &province, &t);
}

/* --- accounts --------------------------------------------------------------------------------- */

static enum err find_org(struct ctx *c, struct str area, struct account_row *row)
{
    struct q q;
    bool found;
    q_begin(&q, c->db, SQL_setup_org_of);
    q_str(&q, "area", area);
    found = q_row(&q);
    if (found) {
        row->org = q_get_int(&q, 0);
        row->org_path = keep(c, q_get_str(&q, 1));
    }
    enum err e = q_end(&q);
    if (e)
        return db_fail(c, e);
    return found ? OK : failf(c, ERR_NOT_FOUND, "org", "没有管辖 %.*s 的机构", STR_ARG(area));
}

enum err setup_account(struct ctx *c, void *account)
{
    struct setup_account *a = account;
    struct account_row row;
    struct account_secret secret = {.hash = a->hash,
        .must_change = a->must_change,
        .expires = a->expires ? a->expires : NULL_INT,
        .label = "建立账号"};
    desc_clear(&account_row_desc, &row);
    row.login = str_z(a->login);
    row.name = str_z(a->name);
    row.role = str_z(a->role);
    row.org_path = S("");
    row.firm = a->firm ? a->firm : NULL_INT;
    row.state = S("active");
    enum err e = a->area.n ? find_org(c, a->area, &row) : OK;
    if (!e)
        e = account_add(c, &row, &secret);
    a->id = row.id;
    return e;
}
