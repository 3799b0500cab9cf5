/* Preloaded into a process: its n-th change of files below a folder fails, or kills it.
 *
 * FAULT_FOLDER  the folder
 * FAULT_AT      which change, from 1; 0 for none
 * FAULT_ERRNO   the error it fails with; 0 to die by SIGKILL instead
 * FAULT_ONCE    set: this change alone fails; not set: every one from then on
 * FAULT_COUNT   a file that gets the number of changes when the process ends
 *
 * Every library of the process writes through these functions, whatever language it is in.
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
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long changes;

static int is_below(const char *path)
{
    const char *folder = getenv("FAULT_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_below_fd(int fd)
{
    char name[64], path[PATH_MAX];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof path - 1);
    if (n < 0)
        return 0;
    path[n] = 0;
    return is_below(path);
}

static int fails(void)
{
    const char *at = getenv("FAULT_AT"), *code = getenv("FAULT_ERRNO");
    long n = at ? atol(at) : 0;
    int number = code ? atoi(code) : 0;
    pthread_mutex_lock(&lock);
    long now = ++changes;
    pthread_mutex_unlock(&lock);
    if (n == 0 || now < n || (now > n && getenv("FAULT_ONCE")))
        return 0;
    if (number == 0)
        kill(getpid(), SIGKILL);
    errno = number;
    return 1;
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", changes);
        fclose(file);
    }
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t n)
{
    if (is_below_fd(fd) && fails())
        return -1;
    return NEXT(write)(fd, data, n);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
    if (is_below_fd(fd) && fails())
        return -1;
    return NEXT(pwrite64)(fd, data, n, at);
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    if (is_below_fd(fd) && fails())
        return -1;
    return NEXT(writev)(fd, parts, n);
}

int fsync(int fd)
{
    if (is_below_fd(fd) && fails())
        return -1;
    return NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
    if (is_below_fd(fd) && fails())
        return -1;
    return NEXT(fdatasync)(fd);
}

int rename(const char *from, const char *to)
{
    if (is_below(to) && fails())
        return -1;
    return NEXT(rename)(from, to);
}

int link(const char *from, const char *to)
{
    if (is_below(to) && fails())
        return -1;
    return NEXT(link)(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    if (is_below(path) && fails())
        return -1;
    return NEXT(mkdir)(path, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    if ((flags & O_CREAT) && is_below(path) && fails())
        return -1;
    return NEXT(open64)(path, flags, mode);
}
