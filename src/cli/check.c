/* Checking a backup: its files, then the store in it. */
#include "cli/check.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/json.h"
#include "cli/copy.h"
#include "cli/outlet.h"
#include "cli/snapshot.h"
#include "cli/work.h"
#include "feature/ledger/ledger.h"

enum { PATH_LEN = 4300, LINE_MAX_LEN = 16 << 10, HEX = 2 * SM3_LEN };

static void json_text(struct jw *w, const char *key, const char *text)
{
    jw_key(w, key);
    jw_strz(w, text);
}

void check_found(struct check *c, const char *kind, const char *name, const char *what)
{
    struct buf b;
    struct jw w;
    c->findings++;
    if (!c->k->json) {
        term_say(&c->k->term, TERM_RED, "%s：%s", name, what);
        return;
    }
    buf_init(&b, LINE_MAX_LEN);
    jw_init(&w, &b);
    jw_obj(&w);
    json_text(&w, "kind", kind);
    json_text(&w, "name", name);
    json_text(&w, "what", what);
    jw_end_obj(&w);
    printf("%.*s\n", STR_ARG(buf_str(&b)));
    buf_free(&b);
}

/* --- files ------------------------------------------------------------------------------------ */

struct looking {
    struct check *c;
    struct term_progress bar;
    int64_t there; /* files in the folder */
};

static enum err take_facts(void *arg, const struct manifest_facts *facts)
{
    struct looking *l = arg;
    l->c->facts = *facts;
    return OK;
}

static void look_at(struct check *c, const struct manifest_entry *entry)
{
    struct outlet_passed got;
    enum err e = outlet_pass(NULL, c->dir, entry->name, &got);
    if (e == ERR_NOT_FOUND)
        check_found(c, "file", entry->name, "清单上有，备份里缺少这个文件");
    else if (e)
        check_found(c, "file", entry->name, "读不出来，可能是存储介质损坏");
    else if (got.size != entry->size)
        check_found(c, "file", entry->name, "长度与清单不符，可能被截断或改动");
    else if (!hash_equal(got.digest, entry->digest, SM3_LEN))
        check_found(c, "file", entry->name, "内容与清单不符，可能损坏或被改动");
    c->bytes += e ? 0 : got.size;
}

static enum err each_entry(void *arg, const struct manifest_entry *entry)
{
    struct looking *l = arg;
    look_at(l->c, entry);
    term_progress_at(&l->bar, ++l->c->files, 0);
    return OK;
}

static enum err count_file(void *arg, const char *name)
{
    struct looking *l = arg;
    l->there += strcmp(name, "./" WORK_UNFINISHED) != 0; /* unpacked into what becomes a store */
    return OK;
}

/* A file more could be a journal of the database that alters it when it is opened. */
static enum err nothing_more(struct looking *l)
{
    char what[160];
    struct check *c = l->c;
    enum err e = folder_walk(c->dir, ".", count_file, l);
    if (e || l->there <= c->files + 1 || c->findings)
        return e;
    snprintf(what, sizeof what, "比清单多出 %" PRId64 " 个文件，不是备份时写下的",
        l->there - c->files - 1);
    check_found(c, "folder", c->dir, what);
    return OK;
}

/* Without a manifest: attachments are named by their content. */
static enum err each_file(void *arg, const char *name)
{
    struct looking *l = arg;
    struct outlet_passed got;
    char hex[HEX + 1] = "";
    const char *base = strrchr(name, '/') + 1;
    enum err e = outlet_pass(NULL, l->c->dir, name, &got);
    if (e)
        check_found(l->c, "file", name, "读不出来，可能是存储介质损坏");
    hex_put(got.digest, SM3_LEN, hex);
    if (!e && strcmp(hex, base) != 0)
        check_found(l->c, "file", name, "内容与文件名（SM3）不符，可能损坏或被改动");
    l->c->bytes += e ? 0 : got.size;
    term_progress_at(&l->bar, ++l->c->files, 0);
    return OK;
}

static enum err without_list(struct looking *l, enum err e)
{
    if (e == ERR_NOT_FOUND)
        term_say(&l->c->k->term, TERM_YELLOW,
            "这份备份没有清单（较早版本所做，或清单丢失）：数据库和附件照常核对，其余文件无从核对");
    else
        check_found(l->c, "file", MANIFEST_NAME,
            e == ERR_UNSUPPORTED ? "清单不是本程序认识的版本" : "清单被改动或不完整，不能作为依据");
    return folder_walk(l->c->dir, "files", each_file, l);
}

enum err check_files(struct check *c)
{
    char path[PATH_LEN];
    struct looking l = {.c = c};
    struct manifest_use use = {take_facts, each_entry, &l};
    snprintf(path, sizeof path, "%s/" MANIFEST_NAME, c->dir);
    term_progress_begin(&l.bar, &c->k->term, "核对文件", "个", 0);
    enum err e = manifest_read(path, &use);
    c->listed = e == OK;
    if (!e)
        e = nothing_more(&l);
    else if (e == ERR_NOT_FOUND || e == ERR_CORRUPT || e == ERR_UNSUPPORTED)
        e = without_list(&l, e);
    term_progress_end(&l.bar, c->files);
    return e;
}

/* --- the store -------------------------------------------------------------------------------- */

struct copying {
    struct outlet to;
    const char *from;
};

static enum err copy_one(void *arg, const char *name)
{
    struct copying *c = arg;
    struct outlet_passed ignored;
    return outlet_pass(&c->to, c->from, name, &ignored);
}

/* With the modes that the program asks of keys, whatever the medium made of them. */
static enum err keys_copy(struct check *c, const char *temp)
{
    struct copying k = {{.kind = &outlet_folder, .root = temp, .fd = -1}, c->dir};
    return folder_walk(c->dir, "keys", copy_one, &k);
}

static enum err intact(struct app *app)
{
    struct db_conn *db = NULL;
    enum err e = db_connect(app->db, DB_STREAM, &db);
    if (!e)
        e = db_intact(db);
    db_disconnect(db);
    return e;
}

static void compare_facts(struct check *c, const struct manifest_facts *own)
{
    const struct manifest_facts *said = &c->facts;
    bool same = strcmp(own->store, said->store) == 0 && strcmp(own->kind, said->kind) == 0 &&
                own->journal == said->journal && own->seal == said->seal &&
                strcmp(own->head, said->head) == 0;
    if (c->listed && !same)
        check_found(c, "store", SNAPSHOT_NAME, "库的编号、存证或批次头与清单所记不同");
    if (!c->listed)
        c->facts = *own;
}

static enum err referenced(void *arg, int64_t id, const char *name)
{
    struct check *c = arg;
    char path[PATH_LEN], what[96];
    snprintf(path, sizeof path, "%s/%s", c->dir, name);
    if (access(path, F_OK) == 0)
        return OK;
    snprintf(what, sizeof what, "附件 %" PRId64 " 的文件不在备份里", id);
    check_found(c, "attachment", name, what);
    return OK;
}

static enum err attachments(struct ctx *ctx, void *arg)
{
    return attachment_each(ctx, referenced, arg);
}

static enum err look_inside(struct check *c, struct app *app)
{
    struct manifest_facts own = {.schema = sql_nmigrations};
    enum err e = intact(app);
    if (!e)
        e = snapshot_facts(app, &own);
    if (e)
        return e;
    compare_facts(c, &own);
    e = cli_verify(c->k, app, 0, &c->verified);
    c->findings += c->verified.findings;
    return e ? e : app_read(app, attachments, c);
}

/* What is wrong with the backup, and not with the checking of it. */
static bool its_fault(enum err e)
{
    return e == ERR_CORRUPT || e == ERR_NOT_FOUND || e == ERR_STATE || e == ERR_DB || e == ERR_IO;
}

enum err check_store(struct check *c, const char *temp)
{
    char path[PATH_LEN], why[SNAPSHOT_WHY] = "";
    struct app *app = NULL;
    enum err e = keys_copy(c, temp);
    if (e)
        return e;
    snprintf(path, sizeof path, "%s/" SNAPSHOT_NAME, c->dir);
    e = snapshot_open_any(path, temp, &app, why);
    if (!e)
        e = look_inside(c, app);
    app_close(app);
    if (!its_fault(e))
        return e;
    check_found(c, "store", SNAPSHOT_NAME, why[0] ? why : err_text(e));
    return OK;
}

/* --- the outcome ------------------------------------------------------------------------------ */

static void tell_json(const struct check *c, const char *made)
{
    const struct manifest_facts *f = &c->facts;
    printf("{\"store\":\"%s\",\"kind\":\"%s\",\"made\":\"%s\",\"schema\":%" PRId64
           ",\"manifest\":%s,\"files\":%" PRId64 ",\"bytes\":%" PRId64 ",\"records\":%" PRId64
           ",\"journal\":%" PRId64 ",\"seals\":%" PRId64 ",\"head\":\"%s\",\"findings\":%" PRId64
           "}\n",
        f->store, f->kind, made, f->schema, c->listed ? "true" : "false", c->files, c->bytes,
        c->verified.records, c->verified.journal, c->verified.seals, f->head, c->findings);
}

int check_tell(struct check *c)
{
    const struct manifest_facts *f = &c->facts;
    struct term *t = &c->k->term;
    char made[33] = "";
    if (c->listed)
        made[civil_put_time(f->made, made)] = 0;
    if (c->k->json)
        tell_json(c, made);
    if (c->listed)
        term_say(t, TERM_NORMAL, "备份时间 %s，库结构第 %" PRId64 " 步", made, f->schema);
    if (f->store[0])
        term_say(t, TERM_NORMAL, "库 %s，第 %" PRId64 " 批，批次头 %s", f->store, f->seal, f->head);
    if (c->findings)
        term_say(t, TERM_RED, "发现 %" PRId64 " 个问题，见上：不要依赖这份备份", c->findings);
    else
        term_say(t, TERM_GREEN,
            "备份完好：%" PRId64 " 个%s（%" PRId64 " MB），%" PRId64 " 条记录、%" PRId64
            " 条存证、%" PRId64 " 个批次全部相符",
            c->files, c->listed ? "文件" : "附件", c->bytes >> 20, c->verified.records,
            c->verified.journal, c->verified.seals);
    return c->findings ? EXIT_VERIFY : EXIT_DONE;
}
