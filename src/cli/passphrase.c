/* Reading a passphrase. */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/utf8.h"

enum { LEAST = 12, OTHERS = 027 }; /* systemd gives credentials to the service's group */

void passphrase_wipe(struct passphrase *p)
{
    crypto_secret_wipe(p->text, sizeof p->text);
    p->s = STR_NULL;
}

/* The first line of fd, or all there is. */
static bool read_line(int fd, struct passphrase *p)
{
    size_t n = 0;
    while (n < sizeof p->text) {
        ssize_t got = read(fd, p->text + n, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || p->text[n] == '\n')
            break;
        n++;
    }
    if (n && p->text[n - 1] == '\r')
        n--;
    p->s = (struct str){p->text, n};
    return n > 0 && n <= CRYPTO_PASSWORD_MAX;
}

static int from_file(struct cli *k, struct passphrase *ret)
{
    struct stat st;
    int fd = open(k->passphrase_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_fail(k, ERR_NOT_FOUND, "打不开口令文件，请检查 --passphrase-file 的路径和权限");
    bool open_to_others = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & OTHERS);
    bool good = !open_to_others && read_line(fd, ret);
    close(fd);
    if (open_to_others)
        return cli_fail(k, ERR_STATE, "口令文件可被其他用户读取，请先执行 chmod 600 再用");
    return good ? 0
                : cli_fail(
                      k, ERR_INVALID, "口令文件的第一行应是口令，不能为空，也不能超过 1024 字节");
}

/* One line from the terminal, not shown. */
static bool ask(int tty, const char *prompt, struct passphrase *p)
{
    struct termios was, quiet;
    sigset_t stop, before;
    if (tcgetattr(tty, &was) != 0)
        return false;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, &before); /* not while nothing is shown */
    quiet = was;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    quiet.c_lflag |= ECHONL;
    dprintf(tty, "%s", prompt);
    tcsetattr(tty, TCSAFLUSH, &quiet);
    bool good = read_line(tty, p);
    tcsetattr(tty, TCSAFLUSH, &was);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}

static int from_terminal(struct cli *k, bool fresh, struct passphrase *ret)
{
    struct passphrase again = {.s = STR_NULL};
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0)
        return cli_usage(k, "这里没有终端可以询问口令，请用 --passphrase-file 给出口令文件");
    bool good = ask(tty, "备份口令：", ret);
    if (good && fresh)
        good = ask(tty, "再输入一次：", &again);
    close(tty);
    bool same = !fresh || str_eq(ret->s, again.s);
    passphrase_wipe(&again);
    if (good && same)
        return 0;
    return cli_fail(k, ERR_INVALID, good ? "两次输入的口令不同" : "没有输入口令");
}

int passphrase_get(struct cli *k, bool fresh, struct passphrase *ret)
{
    int code = k->passphrase_file ? from_file(k, ret) : from_terminal(k, fresh, ret);
    if (!code && fresh && utf8_len(ret->s) < LEAST)
        code = cli_fail(
            k, ERR_INVALID, "口令至少 12 个字符；没有它谁也打不开这份备份，请另行妥善保管");
    if (code)
        passphrase_wipe(ret);
    return code;
}
