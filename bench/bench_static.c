/* The web door with nothing behind it, for bench/static.mjs: serves the pages inside the program,
 * prints its address, and ends when its input ends. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/http.h"

int main(void)
{
    static char dir[] = "/tmp/zhian-bench-XXXXXX";
    static const struct op none[1];
    char why[300] = "", line[10];
    if (!mkdtemp(dir))
        return 1;
    struct app app = {.ops = {none, 0}, .dir = dir};
    struct http_options o = {
        .app = &app, .listen = "127.0.0.1:0", .why = why, .why_size = sizeof why};
    struct http *h = NULL;
    if (http_start(&o, &h)) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    printf("%s\n", http_url(h));
    fflush(stdout);
    while (fgets(line, sizeof line, stdin))
        ;
    http_stop(h);
    char tmp[100];
    snprintf(tmp, sizeof tmp, "%s/tmp", dir);
    rmdir(tmp);
    rmdir(dir);
    return 0;
}
