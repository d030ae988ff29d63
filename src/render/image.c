/* What a received file is, and the way into the walk over its format. Foreign content is refused
 * by name, so that people know what to do. */
#include "render/image.h"

#include "base/field.h"
#include "render/image_impl.h"

enum { ZIP_END = 22, ZIP_COMMENT_MAX = 65535, PDF_TAIL = 1024, PDF_MIN = 64 };

enum err image_fail(struct image_work *w, enum err e, const char *why)
{
    w->why = why;
    return e;
}

enum err image_cut(struct image_work *w)
{
    return image_fail(w, ERR_INVALID, "文件不完整，可能上传中断或原文件已损坏，请重新选择后再上传");
}

enum err image_broken(struct image_work *w)
{
    return image_fail(
        w, ERR_INVALID, "文件内容有误，不是完好的图片，请确认能正常打开，或重新拍照、扫描后再上传");
}

enum err image_size(struct image_work *w, uint32_t width, uint32_t height)
{
    const struct image_limits *l = w->limits;
    if (width == 0 || height == 0)
        return image_broken(w);
    if (width > l->side || height > l->side || (uint64_t)width * height > l->pixels)
        return image_fail(w, ERR_TOO_LARGE, "图片的像素太大，请缩小尺寸后再上传");
    w->info.width = width;
    w->info.height = height;
    return OK;
}

void image_emit(struct image_work *w, struct str bytes)
{
    if (w->out)
        buf_add(w->out, bytes);
}

/* --- what it is ---------------------------------------------------------------------------- */

struct mark {
    size_t at;
    struct str bytes;
    enum image_kind kind;
    const char *why; /* of a kind that is refused */
};

#define AT(at, lit)                                                                                \
    at,                                                                                            \
    {                                                                                              \
        lit, sizeof(lit) - 1                                                                       \
    }

static const struct mark marks[] = {
    {AT(0, "\xFF\xD8\xFF"), IMAGE_JPEG, NULL},
    {AT(0, "\x89PNG\r\n\x1A\n"), IMAGE_PNG, NULL},
    {AT(8, "WEBP"), IMAGE_WEBP, NULL},
    {AT(0, "%PDF-"), IMAGE_PDF, NULL},
    {AT(4, "ftyp"), IMAGE_NONE,
        "这是 HEIC 照片或视频：请在手机相机设置里把格式改为“兼容性最佳”（JPEG），或截图后上传"},
    {AT(0, "GIF8"), IMAGE_NONE, "不支持 GIF，请上传 JPEG、PNG、WebP 图片或 PDF"},
    {AT(0, "BM"), IMAGE_NONE, "不支持 BMP，请另存为 JPEG 或 PNG 后再上传"},
    {AT(0, "II*\0"), IMAGE_NONE, "不支持 TIFF，请另存为 JPEG、PNG 或 PDF 后再上传"},
    {AT(0, "MM\0*"), IMAGE_NONE, "不支持 TIFF，请另存为 JPEG、PNG 或 PDF 后再上传"},
    {AT(0, "PK\3\4"), IMAGE_NONE, "这是压缩包或 Office 文档，请另存为 PDF，或解压后逐个上传图片"},
    {AT(0, "\xD0\xCF\x11\xE0"), IMAGE_NONE, "这是旧版 Office 文档，请另存为 PDF 后再上传"},
};

static bool mark_fits(const struct mark *m, struct str file)
{
    return file.n >= m->at && str_starts(str_sub(file, m->at, file.n), m->bytes);
}

static enum err recognise(struct image_work *w)
{
    if (w->in.n == 0)
        return image_fail(w, ERR_INVALID, "文件是空的，请重新选择");
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const struct mark *m = &marks[i];
        if (!mark_fits(m, w->in) || (m->kind == IMAGE_WEBP && !str_starts(w->in, S("RIFF"))))
            continue;
        w->info.kind = m->kind;
        return m->kind ? OK : image_fail(w, ERR_UNSUPPORTED, m->why);
    }
    return image_fail(
        w, ERR_UNSUPPORTED, "认不出这个文件，请上传 JPEG、PNG、WebP 图片或 PDF（以文件内容为准）");
}

/* A ZIP can hide behind a picture: its directory is found from the end, where its closing record
 * says exactly how many bytes of comment follow. */
static bool hides_zip(struct str in)
{
    size_t back = in.n < ZIP_END + ZIP_COMMENT_MAX ? in.n : ZIP_END + ZIP_COMMENT_MAX;
    struct str tail = str_sub(in, in.n - back, back);
    for (;;) {
        ptrdiff_t hit = str_find(tail, S("PK\5\6"));
        if (hit < 0)
            return false;
        tail = str_sub(tail, (size_t)hit, tail.n);
        if (tail.n >= ZIP_END && image_le2(tail, 20) == tail.n - ZIP_END)
            return true;
        tail = str_sub(tail, 4, tail.n);
    }
}

static enum err no_zip(struct image_work *w, struct str bytes)
{
    if (!hides_zip(bytes))
        return OK;
    return image_fail(w, ERR_UNSUPPORTED, "文件里夹带了压缩包，请上传原始照片或扫描件");
}

/* --- PDF ----------------------------------------------------------------------------------- */

static struct str trim_padding(struct str s)
{
    while (s.n && (s.p[s.n - 1] == 0 || strchr("\t\n\f\r ", s.p[s.n - 1])))
        s.n--;
    return s;
}

static bool has(struct str s, struct str what)
{
    return str_find(s, what) >= 0;
}

/* A PDF is not taken apart: it must begin and end as one, be readable without a password and show
 * no script or program start in its plain parts. It is always served as a download. */
static enum err check_pdf(struct image_work *w)
{
    struct str in = trim_padding(w->in);
    struct str tail = str_sub(in, in.n < PDF_TAIL ? 0 : in.n - PDF_TAIL, PDF_TAIL);
    if (in.n < PDF_MIN || (in.p[5] != '1' && in.p[5] != '2') || in.p[6] != '.')
        return image_broken(w);
    if (!str_ends(in, S("%%EOF")) || !has(tail, S("startxref")))
        return image_fail(w, ERR_INVALID,
            "PDF 的结尾不对，可能不完整，或附带了其他内容，请重新导出或扫描后再上传");
    if (has(in, S("/Encrypt")))
        return image_fail(w, ERR_UNSUPPORTED, "这个 PDF 设了密码或权限，请去掉保护后再上传");
    if (has(in, S("/JavaScript")) || has(in, S("/Launch")) || has(in, S("/RichMedia")))
        return image_fail(
            w, ERR_UNSUPPORTED, "这个 PDF 含有脚本或可执行内容，请打印为普通 PDF 后再上传");
    image_emit(w, w->in);
    return OK;
}

/* --- the ways in --------------------------------------------------------------------------- */

static enum err walk(struct image_work *w)
{
    switch (w->info.kind) {
    case IMAGE_JPEG:
        return image_jpeg(w);
    case IMAGE_PNG:
        return image_png(w);
    case IMAGE_WEBP:
        return w->in.n < 20 ? image_cut(w) : image_webp(w);
    default:
        return check_pdf(w);
    }
}

static enum err look(struct image_work *w)
{
    if (w->in.n > w->limits->bytes)
        return image_fail(w, ERR_TOO_LARGE, "文件太大，请压缩后再上传");
    enum err e = recognise(w);
    if (e == OK)
        e = no_zip(w, w->in);
    return e == OK ? walk(w) : e;
}

/* Dropping what follows a picture may make a record inside it the last: the copy is looked at too.
 */
static enum err copy(struct image_work *w, struct buf *out)
{
    size_t before = out->n;
    w->out = out;
    enum err e = walk(w);
    if (e == OK && out->err)
        e = image_fail(w, out->err, err_text(out->err));
    if (e == OK)
        e = no_zip(w, str_sub(buf_str(out), before, out->n));
    if (e != OK)
        out->n = before;
    return e;
}

static struct image_work work_of(struct str file, const struct image_limits *limits)
{
    return (struct image_work){
        .in = file, .limits = limits, .info = {.orientation = 1, .taken = NULL_INT}};
}

enum err image_check(struct str file, const struct image_limits *limits, struct image_info *ret,
    const char **ret_why)
{
    struct image_work w = work_of(file, limits);
    enum err e = look(&w);
    if (e == OK)
        *ret = w.info;
    else
        *ret_why = w.why;
    return e;
}

enum err image_clean(struct str file, const struct image_limits *limits, struct buf *out,
    struct image_info *ret, const char **ret_why)
{
    struct image_work w = work_of(file, limits);
    enum err e = look(&w);
    if (e == OK)
        e = copy(&w, out);
    if (e == OK)
        *ret = w.info;
    else
        *ret_why = w.why;
    return e;
}

/* --- names --------------------------------------------------------------------------------- */

static const struct {
    const char *type, *ext, *exts; /* exts: every accepted one between blanks */
} names[] = {
    [IMAGE_NONE] = {"application/octet-stream", "bin", " "},
    [IMAGE_JPEG] = {"image/jpeg", "jpg", " jpg jpeg jpe jfif "},
    [IMAGE_PNG] = {"image/png", "png", " png "},
    [IMAGE_WEBP] = {"image/webp", "webp", " webp "},
    [IMAGE_PDF] = {"application/pdf", "pdf", " pdf "},
};

const char *image_type(enum image_kind kind)
{
    return names[kind].type;
}

const char *image_ext(enum image_kind kind)
{
    return names[kind].ext;
}

bool image_name_fits(enum image_kind kind, struct str name)
{
    char word[8] = " ";
    size_t n = 1;
    const char *dot = name.n ? memrchr(name.p, '.', name.n) : NULL;
    size_t len = dot ? (size_t)(name.p + name.n - dot - 1) : 0;
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 1; i <= len; i++)
        word[n++] = dot[i] >= 'A' && dot[i] <= 'Z' ? (char)(dot[i] + 32) : dot[i];
    word[n++] = ' ';
    return has(str_z(names[kind].exts), (struct str){word, n});
}
