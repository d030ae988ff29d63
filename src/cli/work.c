/* Work that is not whole yet. One thread waits for the signals, so that nothing has to ask. */
#include "cli/work.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/copy.h"
#include "cli/term.h"

enum { WORKS = 4, WALK_FDS = 16, TRIES = 100, TRY_US = 5000 };

static struct work *works[WORKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* --- removing --------------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static bool remove_all(const char *path)
{
    struct stat st;
    nftw(path, remove_entry, WALK_FDS, FTW_DEPTH | FTW_PHYS);
    return lstat(path, &st) != 0;
}

/* --- signals ---------------------------------------------------------------------------------- */

static void *wait_for_end(void *arg)
{
    int sig;
    if (sigwait(arg, &sig) != 0)
        return NULL;
    pthread_mutex_lock(&lock); /* for good: nothing is published or begun from here on */
    for (int i = 0; i < WORKS; i++)
        for (int n = 0; works[i] && n < TRIES && !remove_all(works[i]->path); n++)
            usleep(TRY_US); /* somebody still writes into it */
    static const char text[] = "\n已中断，没有做完；再运行同一命令即可\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(EXIT_CANCELLED);
}

static void watch(void)
{
    static sigset_t set;
    pthread_t thread;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) == 0 &&
        pthread_create(&thread, NULL, wait_for_end, &set) == 0)
        pthread_detach(thread);
    else
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* --- making ----------------------------------------------------------------------------------- */

static void enter(struct work *w)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < WORKS; i++)
        if (!works[i]) {
            works[i] = w;
            break;
        }
    pthread_mutex_unlock(&lock);
}

static void leave(struct work *w)
{
    for (int i = 0; i < WORKS; i++)
        if (works[i] == w)
            works[i] = NULL;
    close(w->fd);
    w->path[0] = 0;
}

static enum err take(struct work *w, const char *path, int flags)
{
    w->path[0] = 0;
    int n = (int)strlen(path);
    if (n == 0 || n >= WORK_PATH)
        return ERR_INVALID;
    w->fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (w->fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : io_error();
    if (flock(w->fd, LOCK_EX | LOCK_NB) != 0) {
        close(w->fd);
        return errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
    }
    memcpy(w->path, path, (size_t)n + 1);
    enter(w);
    return OK;
}

static int clear_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    return at->level == 0 ? 0 : remove(path);
}

static enum err mark(struct work *w)
{
    int fd = openat(w->fd, WORK_UNFINISHED, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0 ? OK : io_error();
}

bool work_unfinished(const char *folder)
{
    char path[WORK_PATH + sizeof WORK_UNFINISHED + 1];
    snprintf(path, sizeof path, "%s/" WORK_UNFINISHED, folder);
    return access(path, F_OK) == 0;
}

enum err work_folder(struct work *w, const char *path)
{
    w->path[0] = 0;
    if (mkdir(path, 0700) && errno != EEXIST)
        return errno == ENOENT ? ERR_NOT_FOUND : io_error();
    enum err e = take(w, path, O_RDONLY | O_DIRECTORY);
    if (!e && nftw(path, clear_entry, WALK_FDS, FTW_DEPTH | FTW_PHYS) != 0)
        e = io_error();
    return e ? e : mark(w);
}

enum err work_file(struct work *w, const char *path)
{
    enum err e = take(w, path, O_RDWR | O_CREAT);
    return !e && ftruncate(w->fd, 0) != 0 ? io_error() : e;
}

enum err work_temp(struct work *w)
{
    char path[WORK_PATH];
    const char *top = getenv("TMPDIR");
    w->path[0] = 0;
    int n = snprintf(path, sizeof path, "%s/zhian-XXXXXX", top && *top ? top : "/tmp");
    if (n < 0 || n >= WORK_PATH)
        return ERR_INVALID;
    return mkdtemp(path) ? work_folder(w, path) : io_error();
}

/* --- the end ---------------------------------------------------------------------------------- */

static enum err publish(struct work *w, const char *name)
{
    struct stat st;
    if (stat(w->path, &st) != 0)
        return io_error();
    /* a folder replaces an empty one only; a file would replace anything */
    if (!S_ISDIR(st.st_mode) && access(name, F_OK) == 0)
        return ERR_CONFLICT;
    if (S_ISDIR(st.st_mode) && unlinkat(w->fd, WORK_UNFINISHED, 0) != 0)
        return io_error();
    if (rename(w->path, name) == 0)
        return OK;
    return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR ? ERR_CONFLICT : io_error();
}

enum err work_publish(struct work *w, const char *name)
{
    if (syncfs(w->fd) != 0 || fsync(w->fd) != 0)
        return io_error();
    pthread_mutex_lock(&lock);
    enum err e = publish(w, name);
    if (!e) {
        syncfs(w->fd); /* the new name */
        leave(w);
    }
    pthread_mutex_unlock(&lock);
    return e;
}

void work_drop(struct work *w)
{
    pthread_mutex_lock(&lock);
    if (w->path[0]) {
        remove_all(w->path);
        leave(w);
    }
    pthread_mutex_unlock(&lock);
}
