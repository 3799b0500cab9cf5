/* Preloaded into a process: its n-th change of files below a folder fails, or kills it.
 *
 * FAULT_FOLDER  the folder
 * FAULT_AT      which change, from 1; 0 for none
 * FAULT_ERRNO   the error it fails with; 0 to die by SIGKILL instead; -1 to write half only, as a
 *               write may that fails next time
 * FAULT_ONCE    set: this change alone fails; not set: every one from then on, but a full disk
 *               (ENOSPC) still removes
 * FAULT_LOG     a file that gets a line a change: the call, the file, and of a link or a renaming
 *               what it was, with tabs between
 *
 * Every library of the process writes through these functions, whatever language it is in. Making
 * a folder that is there, or removing a file that is not, changes nothing and is not counted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum takes { NO_ROOM, ROOM };
enum outcome { WORKS, FAILS, IS_CUT };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long changes;

static int is_below(const char *path)
{
    const char *folder = getenv("FAULT_FOLDER");
    size_t n = folder ? strlen(folder) : 0;
    return n && path && strncmp(path, folder, n) == 0 && (path[n] == 0 || path[n] == '/');
}

static int is_there(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

static void put_down(const char *call, const char *path, const char *from)
{
    const char *name = getenv("FAULT_LOG");
    char line[2 * PATH_MAX + 32];
    if (!name)
        return;
    int n = snprintf(line, sizeof line, "%s\t%s\t%s\n", call, path, from);
    /* Not through the functions below. */
    long file = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND, 0644);
    syscall(SYS_write, file, line, (size_t)n);
    syscall(SYS_close, file);
}

static enum outcome outcome(enum takes takes, const char *call, const char *path,
                            const char *from)
{
    if (!is_below(path))
        return WORKS;
    const char *at = getenv("FAULT_AT"), *code = getenv("FAULT_ERRNO");
    long n = at ? atol(at) : 0;
    int number = code ? atoi(code) : 0, is_alone = getenv("FAULT_ONCE") != NULL;
    pthread_mutex_lock(&lock);
    long now = ++changes;
    put_down(call, path, from);
    pthread_mutex_unlock(&lock);
    if (n == 0 || now < n || (now > n && is_alone))
        return WORKS;
    if (number == ENOSPC && !is_alone && takes == NO_ROOM)
        return WORKS;
    if (number == -1)
        return IS_CUT;
    if (number == 0)
        kill(getpid(), SIGKILL);
    errno = number;
    return FAILS;
}

static enum outcome outcome_fd(enum takes takes, const char *call, int fd)
{
    char name[64], path[PATH_MAX];
    if (!getenv("FAULT_FOLDER"))
        return WORKS;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof path - 1);
    if (n < 0)
        return WORKS;
    path[n] = 0;
    return outcome(takes, call, path, "");
}

static int fails(enum takes takes, const char *call, const char *path, const char *from)
{
    return outcome(takes, call, path, from) == FAILS;
}

static int fails_fd(enum takes takes, const char *call, int fd)
{
    return outcome_fd(takes, call, fd) == FAILS;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define CHANGES(type, name, parameters, arguments, fails_now) \
    type name parameters                                     \
    {                                                        \
        if (fails_now)                                       \
            return -1;                                       \
        return REAL(name) arguments;                         \
    }

ssize_t write(int fd, const void *data, size_t n)
{
    enum outcome now = outcome_fd(ROOM, "write", fd);
    if (now == FAILS)
        return -1;
    return REAL(write)(fd, data, now == IS_CUT && n > 1 ? n / 2 : n);
}

CHANGES(ssize_t, pwrite, (int fd, const void *data, size_t n, off_t at), (fd, data, n, at),
        fails_fd(ROOM, "pwrite", fd))
CHANGES(ssize_t, pwrite64, (int fd, const void *data, size_t n, off64_t at), (fd, data, n, at),
        fails_fd(ROOM, "pwrite", fd))
CHANGES(ssize_t, writev, (int fd, const struct iovec *parts, int n), (fd, parts, n),
        fails_fd(ROOM, "writev", fd))
CHANGES(int, fsync, (int fd), (fd), fails_fd(ROOM, "fsync", fd))
CHANGES(int, fdatasync, (int fd), (fd), fails_fd(ROOM, "fdatasync", fd))
CHANGES(int, ftruncate, (int fd, off_t size), (fd, size), fails_fd(NO_ROOM, "ftruncate", fd))
CHANGES(int, ftruncate64, (int fd, off64_t size), (fd, size), fails_fd(NO_ROOM, "ftruncate", fd))
CHANGES(int, rename, (const char *from, const char *to), (from, to),
        fails(ROOM, "rename", to, from))
CHANGES(int, link, (const char *from, const char *to), (from, to),
        !is_there(to) && fails(ROOM, "link", to, from))
CHANGES(int, linkat, (int above, const char *from, int folder, const char *to, int flags),
        (above, from, folder, to, flags), !is_there(to) && fails(ROOM, "link", to, from))
CHANGES(int, mkdir, (const char *path, mode_t mode), (path, mode),
        !is_there(path) && fails(ROOM, "mkdir", path, ""))
CHANGES(int, unlink, (const char *path), (path),
        is_there(path) && fails(NO_ROOM, "unlink", path, ""))
CHANGES(int, rmdir, (const char *path), (path),
        is_there(path) && fails(NO_ROOM, "rmdir", path, ""))
CHANGES(int, utimensat, (int folder, const char *path, const struct timespec times[2], int flags),
        (folder, path, times, flags), fails(NO_ROOM, "utimensat", path, ""))

#define OPENS(name)                                                              \
    int name(const char *path, int flags, ...)                                   \
    {                                                                            \
        va_list rest;                                                            \
        va_start(rest, flags);                                                   \
        mode_t mode = va_arg(rest, mode_t);                                      \
        va_end(rest);                                                            \
        int makes = (flags & O_CREAT) && !is_there(path);                        \
        if ((makes || (flags & O_TRUNC)) && fails(ROOM, "open", path, ""))       \
            return -1;                                                           \
        return REAL(name)(path, flags, mode);                                    \
    }

OPENS(open)
OPENS(open64)
