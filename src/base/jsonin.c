/* The one file that includes json-c. */
#include "base/jsonin.h"

#include <json-c/json.h>
#include <math.h>

#include "base/utf8.h"

enum err jin_parse(struct str text, int depth, jin *ret, size_t *at_byte)
{
    *at_byte = 0;
    if (text.n > INT32_MAX || memchr(text.p ? text.p : "", 0, text.n) || !utf8_valid(text))
        return ERR_BAD_REQUEST;
    json_tokener *tok = json_tokener_new_ex(depth);
    if (!tok)
        return ERR_NOMEM;
    json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    jin root = json_tokener_parse_ex(tok, text.p, (int)text.n);
    enum json_tokener_error e = json_tokener_get_error(tok);
    if (e == json_tokener_continue && text.n) {
        /* A bare number at the very end needs a terminator to be complete. */
        root = json_tokener_parse_ex(tok, "", 1);
        e = json_tokener_get_error(tok);
    }
    *at_byte = json_tokener_get_parse_end(tok);
    struct str rest = str_trim(str_sub(text, *at_byte, text.n));
    json_tokener_free(tok);
    if (e != json_tokener_success || rest.n) {
        json_object_put(root);
        return ERR_BAD_REQUEST;
    }
    *ret = root;
    return OK;
}

void jin_free(jin root)
{
    json_object_put(root);
}

enum jin_type jin_type(jin v)
{
    switch (json_object_get_type(v)) {
    case json_type_boolean:
        return JIN_BOOL;
    case json_type_int:
        return JIN_INT;
    case json_type_double:
        return JIN_DOUBLE;
    case json_type_string:
        return JIN_STR;
    case json_type_array:
        return JIN_ARR;
    case json_type_object:
        return JIN_OBJ;
    case json_type_null:
        break;
    }
    return JIN_NULL;
}

jin jin_get(jin obj, const char *key)
{
    jin v = NULL;
    if (jin_type(obj) == JIN_OBJ)
        json_object_object_get_ex(obj, key, &v);
    return v;
}

jin jin_get_str(jin obj, struct str key)
{
    char z[256];
    if (key.n >= sizeof z)
        return NULL;
    memcpy(z, key.p, key.n);
    z[key.n] = 0;
    return jin_get(obj, z);
}

size_t jin_len(jin v)
{
    if (jin_type(v) == JIN_ARR)
        return json_object_array_length(v);
    return jin_type(v) == JIN_OBJ ? (size_t)json_object_object_length(v) : 0;
}

jin jin_at(jin arr, size_t i)
{
    return jin_type(arr) == JIN_ARR ? json_object_array_get_idx(arr, i) : NULL;
}

struct str jin_str(jin v)
{
    if (jin_type(v) != JIN_STR)
        return STR_NULL;
    return (struct str){json_object_get_string(v), (size_t)json_object_get_string_len(v)};
}

int64_t jin_int(jin v, int64_t or_else)
{
    if (jin_type(v) == JIN_INT)
        return json_object_get_int64(v);
    if (jin_type(v) != JIN_DOUBLE)
        return or_else;
    double d = json_object_get_double(v);
    return floor(d) == d && fabs(d) < 9007199254740992.0 ? (int64_t)d : or_else;
}

double jin_double(jin v, double or_else)
{
    enum jin_type t = jin_type(v);
    return t == JIN_INT || t == JIN_DOUBLE ? json_object_get_double(v) : or_else;
}

bool jin_bool(jin v, bool or_else)
{
    return jin_type(v) == JIN_BOOL ? json_object_get_boolean(v) : or_else;
}

void jin_members(jin obj, bool (*fn)(void *arg, struct str key, jin value), void *arg)
{
    if (jin_type(obj) != JIN_OBJ)
        return;
    json_object_object_foreach(obj, key, value)
    {
        if (!fn(arg, str_z(key), value))
            return;
    }
}

struct str jin_text(jin v)
{
    return str_z(json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN |
                                                       JSON_C_TO_STRING_NOSLASHESCAPE));
}

struct str jin_number_text(jin v)
{
    enum jin_type t = jin_type(v);
    return t == JIN_INT || t == JIN_DOUBLE ? jin_text(v) : STR_NULL;
}
