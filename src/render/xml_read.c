/* expat over a ZIP entry. */
#include "render/xml_read.h"

#include <expat.h>

enum { XML_CHUNK = 64 << 10 };

static const char *local_name(const char *name)
{
    if (name[0] == 0 || name[1] == 0)
        return name;
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static void halt(struct xml_sink *x)
{
    if (x->stop || x->err)
        (void)XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL on_start(void *arg, const char *name, const char **atts)
{
    struct xml_sink *x = arg;
    if (x->stop || x->err)
        return;
    if (++x->depth > XML_DEPTH_MAX)
        x->err = SHEET_ERR_BROKEN;
    else
        x->start(x, local_name(name), atts);
    halt(x);
}

static void XMLCALL on_end(void *arg, const char *name)
{
    struct xml_sink *x = arg;
    if (x->stop || x->err)
        return;
    x->depth--;
    x->end(x, local_name(name));
    halt(x);
}

static void XMLCALL on_text(void *arg, const char *p, int n)
{
    struct xml_sink *x = arg;
    if (x->stop || x->err)
        return;
    x->text(x, (struct str){p, (size_t)n});
    halt(x);
}

static void XMLCALL on_doctype(
    void *arg, const char *name, const char *sysid, const char *pubid, int internal)
{
    struct xml_sink *x = arg;
    (void)name;
    (void)sysid;
    (void)pubid;
    (void)internal;
    x->err = SHEET_ERR_UNSAFE;
    halt(x);
}

static enum sheet_err feed(struct zip_in *z, struct xml_sink *x)
{
    size_t n = 1;
    while (n && !x->stop && !x->err) {
        char *chunk = XML_GetBuffer(x->parser, XML_CHUNK);
        if (!chunk)
            return SHEET_ERR_NOMEM;
        enum sheet_err e = zip_next(z, chunk, XML_CHUNK, &n);
        if (e)
            return e;
        enum XML_Status s = XML_ParseBuffer(x->parser, (int)n, n == 0);
        if (s != XML_STATUS_OK && !x->stop && !x->err)
            return XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY ? SHEET_ERR_NOMEM
                                                                      : SHEET_ERR_BROKEN;
        if (x->done)
            *x->done = zip_consumed(z);
    }
    return x->err;
}

enum sheet_err xml_read_part(struct zip_in *z, struct str entry, struct xml_sink *x)
{
    enum sheet_err e = zip_start(z, entry);
    if (e)
        return e;
    XML_Parser p = XML_ParserCreate(NULL);
    if (!p)
        return SHEET_ERR_NOMEM;
    x->parser = p;
    x->depth = 0;
    XML_SetUserData(p, x);
    XML_SetElementHandler(p, on_start, on_end);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetStartDoctypeDeclHandler(p, on_doctype);
    e = feed(z, x);
    x->parser = NULL;
    XML_ParserFree(p);
    return e;
}

const char *xml_att(const char **atts, const char *name)
{
    for (; *atts; atts += 2)
        if (strcmp(local_name(*atts), name) == 0)
            return atts[1];
    return NULL;
}

bool xml_is_true(const char *value)
{
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}
