/* Streams, colours, exit codes and progress. */
#include "cli/term.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"

enum { LINE_MAX_BYTES = 8192, BAR = 24, REDRAW_MS = 100, QUIET_MS = 10000 };

/* --- exit codes
 * ------------------------------------------------------------------------------------ */

static const struct {
    int code;
    const char *text;
} exits[] = {
#define X(id, code, text) {code, text},
    TERM_EXITS(X)
#undef X
};

bool term_exit_at(size_t i, int *ret_code, const char **ret_text)
{
    if (i >= sizeof exits / sizeof *exits)
        return false;
    *ret_code = exits[i].code;
    *ret_text = exits[i].text;
    return true;
}

const char *term_exit_text(int code)
{
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
        if (exits[i].code == code)
            return exits[i].text;
    return NULL;
}

enum term_exit term_exit_of(enum err e)
{
    static const struct {
        enum err err;
        enum term_exit code;
    } special[] = {{OK, EXIT_DONE}, {ERR_CORRUPT, EXIT_VERIFY}, {ERR_CANCELLED, EXIT_CANCELLED},
        {ERR_BAD_REQUEST, EXIT_USAGE}, {ERR_STATE, EXIT_CONFLICT}};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].err == e)
            return special[i].code;
    switch (err_status(e)) {
    case 401:
    case 403:
        return EXIT_DENIED;
    case 404:
        return EXIT_NOT_FOUND;
    case 409:
        return EXIT_CONFLICT;
    case 413:
    case 415:
    case 422:
        return EXIT_INVALID;
    case 429:
    case 503:
        return EXIT_BUSY;
    default:
        return EXIT_FAILED;
    }
}

/* --- streams
 * ----------------------------------------------------------------------------------------- */

static bool is_tty(FILE *f)
{
    const char *kind = getenv("TERM");
    return isatty(fileno(f)) && !(kind && strcmp(kind, "dumb") == 0);
}

static int width_of(FILE *f)
{
    struct winsize w = {0};
    int64_t columns = 0;
    if (isatty(fileno(f)) && ioctl(fileno(f), TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
        return w.ws_col;
    bool given = str_int(str_z(getenv("COLUMNS")), &columns);
    return given && columns > 0 && columns < 10000 ? (int)columns : 80;
}

void term_init(struct term *t, FILE *out, FILE *err, bool json)
{
    bool colour = !getenv("NO_COLOR") && !json;
    *t = (struct term){.out = out, .err = err};
    t->mode = json ? TERM_JSON : is_tty(err) ? TERM_TTY : TERM_PLAIN;
    t->colour_out = colour && is_tty(out);
    t->colour_err = colour && is_tty(err);
    t->fit = is_tty(out) && !json;
    t->columns = width_of(is_tty(out) ? out : err);
}

void term_paint(struct buf *b, bool on, enum term_colour colour, struct str text)
{
    static const char *const codes[] = {"", "31", "32", "33", "2", "1"};
    bool paint = on && colour != TERM_NORMAL;
    if (paint)
        buf_fmt(b, "\033[%sm", codes[colour]);
    buf_add(b, text);
    if (paint)
        buf_addz(b, "\033[0m");
}

static void put(FILE *f, struct buf *b)
{
    fwrite(b->p, 1, b->n, f);
    fflush(f);
    buf_free(b);
}

static struct str format(char text[LINE_MAX_BYTES], const char *fmt, va_list ap)
{
    int n = vsnprintf(text, LINE_MAX_BYTES, fmt, ap);
    size_t len = n < 0 ? 0 : (size_t)n;
    return (struct str){text, len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES - 1};
}

void term_say(struct term *t, enum term_colour colour, const char *fmt, ...)
{
    char text[LINE_MAX_BYTES];
    struct buf b;
    va_list ap;
    if (t->mode == TERM_JSON)
        return;
    va_start(ap, fmt);
    struct str line = format(text, fmt, ap);
    va_end(ap);
    buf_init(&b, 2 * LINE_MAX_BYTES);
    term_paint(&b, t->colour_out, colour, line);
    buf_addc(&b, '\n');
    put(t->out, &b);
}

void term_fail(struct term *t, const char *fmt, ...)
{
    char text[LINE_MAX_BYTES];
    struct buf b;
    va_list ap;
    va_start(ap, fmt);
    struct str line = format(text, fmt, ap);
    va_end(ap);
    buf_init(&b, 8 * LINE_MAX_BYTES);
    if (t->mode == TERM_JSON) {
        struct jw w;
        jw_init(&w, &b);
        jw_obj(&w);
        jw_key(&w, "error");
        jw_str(&w, line);
        jw_end_obj(&w);
    } else {
        term_paint(&b, t->colour_err, TERM_RED, line);
    }
    buf_addc(&b, '\n');
    put(t->err, &b);
}

/* --- progress
 * ------------------------------------------------------------------------------------------ */

static int64_t monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void term_progress_begin(
    struct term_progress *p, struct term *t, const char *what, const char *unit, int64_t total)
{
    *p = (struct term_progress){
        .t = t, .what = what, .unit = unit, .total = total, .clock = monotonic};
    p->began = monotonic();
    p->last = -1;
}

static void duration(struct buf *b, int64_t ms)
{
    int64_t s = (ms + 500) / 1000;
    if (s < 60)
        buf_fmt(b, "%lld 秒", (long long)s);
    else if (s < 3600)
        buf_fmt(b, "%lld 分 %02lld 秒", (long long)(s / 60), (long long)(s % 60));
    else
        buf_fmt(b, "%lld 小时 %02lld 分", (long long)(s / 3600), (long long)(s / 60 % 60));
}

static int64_t rate_of(int64_t done, int64_t ms)
{
    return ms > 0 ? done * 1000 / ms : 0;
}

static void describe(struct buf *b, const struct term_progress *p, int64_t done, int64_t ms)
{
    int64_t rate = rate_of(done, ms);
    buf_fmt(b, "%lld", (long long)done);
    if (p->total > 0)
        buf_fmt(b, "/%lld", (long long)p->total);
    buf_fmt(b, " %s", p->unit);
    if (rate > 0)
        buf_fmt(b, "  每秒 %lld", (long long)rate);
    if (rate > 0 && p->total > done) {
        buf_addz(b, "  还需 ");
        duration(b, (p->total - done) * 1000 / rate);
    }
}

static void bar(struct buf *b, int64_t done, int64_t total)
{
    int full = total > 0 ? (int)((done < total ? done : total) * BAR / total) : 0;
    buf_addc(b, '[');
    for (int i = 0; i < BAR; i++)
        buf_addc(b, i < full ? '#' : '.');
    buf_fmt(
        b, "] %3lld%%  ", (long long)(total > 0 ? (done < total ? done : total) * 100 / total : 0));
}

static void draw(struct term_progress *p, int64_t done, int64_t ms)
{
    struct buf line, b;
    buf_init(&line, 1000);
    buf_init(&b, 1000);
    buf_fmt(&line, "%s ", p->what);
    if (p->total > 0)
        bar(&line, done, p->total);
    describe(&line, p, done, ms);
    int columns = p->t->columns > 10 ? p->t->columns - 1 : 79;
    buf_addc(&b, '\r');
    term_clip(&b, buf_str(&line), columns, false);
    p->drawn = columns;
    buf_free(&line);
    put(p->t->err, &b);
}

static void tell(struct term_progress *p, int64_t done, int64_t ms)
{
    struct buf b;
    buf_init(&b, 1000);
    buf_fmt(&b, "%s：", p->what);
    describe(&b, p, done, ms);
    buf_addc(&b, '\n');
    put(p->t->err, &b);
}

static void tell_json(struct term_progress *p, int64_t done, int64_t ms, bool over)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 1000);
    jw_init(&w, &b);
    jw_obj(&w);
    jw_key(&w, "progress");
    jw_strz(&w, p->what);
    jw_key(&w, "done");
    jw_int(&w, done);
    jw_key(&w, "total");
    jw_int(&w, p->total > 0 ? p->total : done);
    jw_key(&w, "ms");
    jw_int(&w, ms);
    jw_key(&w, "over");
    jw_bool(&w, over);
    jw_end_obj(&w);
    buf_addc(&b, '\n');
    put(p->t->err, &b);
}

/* Is it time to tell something again? On a pipe by tenths, else by the clock. */
static bool due(struct term_progress *p, int64_t done, int64_t now)
{
    if (p->t->mode == TERM_TTY || p->total <= 0) {
        int64_t step = p->t->mode == TERM_TTY ? REDRAW_MS : QUIET_MS;
        int64_t since = now - (p->last >= 0 ? p->last : p->began);
        if (since < step && !(p->t->mode == TERM_TTY && p->last < 0))
            return false;
        p->last = now;
        return true;
    }
    int tenth = (int)(done * 10 / p->total);
    if (tenth <= p->tenth || tenth >= 10)
        return false;
    p->tenth = tenth;
    return true;
}

void term_progress_at(struct term_progress *p, int64_t done, int64_t total)
{
    int64_t now = p->clock();
    p->total = total;
    if (!due(p, done, now))
        return;
    if (p->t->mode == TERM_TTY)
        draw(p, done, now - p->began);
    else if (p->t->mode == TERM_JSON)
        tell_json(p, done, now - p->began, false);
    else
        tell(p, done, now - p->began);
}

void term_progress_end(struct term_progress *p, int64_t done)
{
    int64_t ms = p->clock() - p->began;
    if (p->t->mode == TERM_JSON) {
        tell_json(p, done, ms, true);
        return;
    }
    struct buf b;
    buf_init(&b, 2000);
    if (p->drawn)
        buf_fmt(&b, "\r%*s\r", p->drawn, "");
    buf_fmt(&b, "%s：%lld %s，用时 ", p->what, (long long)done, p->unit);
    duration(&b, ms);
    buf_addc(&b, '\n');
    put(p->t->err, &b);
}
