/* The web door with nothing behind it, for bench/static.mjs and tests/torture/http.mjs: serves the
 * pages inside the program, prints its address, and ends on SIGTERM or when its input ends. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "http/http.h"

/* SIGTERM is blocked in every thread and read here. */
static int catch_term(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static void wait_for_end(int term)
{
    struct pollfd p[] = {{.fd = 0, .events = POLLIN}, {.fd = term, .events = POLLIN}};
    char line[10];
    while (poll(p, 2, -1) > 0 && !p[1].revents)
        if (p[0].revents && read(0, line, sizeof line) <= 0)
            return;
}

int main(void)
{
    static char dir[] = "/tmp/zhian-bench-XXXXXX";
    static const struct op none[1];
    char why[300] = "";
    int term = catch_term();
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
    wait_for_end(term);
    http_stop(h);
    char tmp[100];
    snprintf(tmp, sizeof tmp, "%s/tmp", dir);
    rmdir(tmp);
    rmdir(dir);
    return 0;
}
