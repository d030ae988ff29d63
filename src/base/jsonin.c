/* JSON in through json-c: struct jin is json_object under another name, so nothing is copied. */
#include "base/jsonin.h"

#include <json-c/json.h>

#include "base/utf8.h"

static struct json_object *raw(const struct jin *v)
{
    return (struct json_object *)(uintptr_t)v;
}

static const struct jin *wrap(struct json_object *o)
{
    return (const struct jin *)o;
}

enum err jin_parse(struct str text, int depth, const struct jin **ret)
{
    text = str_trim(text);
    if (text.n == 0 || text.n > INT32_MAX || !utf8_valid(text))
        return ERR_BAD_REQUEST;
    struct json_tokener *t = json_tokener_new_ex(depth);
    if (!t)
        return ERR_NOMEM;
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *o = json_tokener_parse_ex(t, text.p, (int)text.n);
    if (json_tokener_get_error(t) == json_tokener_continue) /* a bare number ends with the text */
        o = json_tokener_parse_ex(t, "", -1);
    bool ok = json_tokener_get_error(t) == json_tokener_success;
    json_tokener_free(t);
    if (!ok) {
        json_object_put(o);
        return ERR_BAD_REQUEST;
    }
    *ret = wrap(o);
    return OK;
}

void jin_free(const struct jin *doc)
{
    json_object_put(raw(doc));
}

static enum jin_type int_type(struct json_object *o)
{
    return json_object_get_int64(o) == INT64_MAX && json_object_get_uint64(o) > (uint64_t)INT64_MAX
               ? JIN_NUM
               : JIN_INT;
}

enum jin_type jin_type(const struct jin *v)
{
    if (!v)
        return JIN_NONE;
    switch (json_object_get_type(raw(v))) {
    case json_type_boolean:
        return JIN_BOOL;
    case json_type_int:
        return int_type(raw(v));
    case json_type_double:
        return JIN_NUM;
    case json_type_string:
        return JIN_STR;
    case json_type_array:
        return JIN_ARR;
    case json_type_object:
        return JIN_OBJ;
    default:
        return JIN_NULL;
    }
}

size_t jin_len(const struct jin *v)
{
    switch (jin_type(v)) {
    case JIN_ARR:
        return json_object_array_length(raw(v));
    case JIN_OBJ:
        return (size_t)json_object_object_length(raw(v));
    default:
        return 0;
    }
}

const struct jin *jin_at(const struct jin *arr, size_t i)
{
    if (jin_type(arr) != JIN_ARR)
        return NULL;
    return wrap(json_object_array_get_idx(raw(arr), i));
}

const struct jin *jin_get(const struct jin *obj, const char *key)
{
    struct json_object *o = NULL;
    if (jin_type(obj) != JIN_OBJ || !json_object_object_get_ex(raw(obj), key, &o))
        return NULL;
    return wrap(o);
}

bool jin_member(const struct jin *obj, size_t i, struct str *ret_key, const struct jin **ret_v)
{
    if (jin_type(obj) != JIN_OBJ)
        return false;
    size_t at = 0;
    json_object_object_foreach(raw(obj), key, val)
    {
        if (at++ != i)
            continue;
        *ret_key = str_z(key);
        *ret_v = wrap(val);
        return true;
    }
    return false;
}

struct str jin_str(const struct jin *v)
{
    if (jin_type(v) != JIN_STR)
        return STR_NULL;
    return (struct str){json_object_get_string(raw(v)), (size_t)json_object_get_string_len(raw(v))};
}

int64_t jin_int(const struct jin *v, int64_t dflt)
{
    return jin_type(v) == JIN_INT ? json_object_get_int64(raw(v)) : dflt;
}

double jin_num(const struct jin *v, double dflt)
{
    enum jin_type t = jin_type(v);
    return t == JIN_INT || t == JIN_NUM ? json_object_get_double(raw(v)) : dflt;
}

bool jin_bool(const struct jin *v, bool dflt)
{
    return jin_type(v) == JIN_BOOL ? json_object_get_boolean(raw(v)) : dflt;
}

struct str jin_text(const struct jin *v)
{
    return str_z(json_object_to_json_string_ext(
        raw(v), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

struct str jin_number_text(const struct jin *v)
{
    enum jin_type t = jin_type(v);
    return t == JIN_INT || t == JIN_NUM ? jin_text(v) : STR_NULL;
}
