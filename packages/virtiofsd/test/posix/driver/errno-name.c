/* The names of errnos: not every C library has strerrorname_np(3). */
#include "battery.h"

const char *errno_name(int error) {
  static char other[24];
#define NAME(name) \
  case name:       \
    return #name
  switch (error) {
    NAME(E2BIG);
    NAME(EACCES);
    NAME(EADDRINUSE);
    NAME(EAGAIN);
    NAME(EBADF);
    NAME(EBUSY);
    NAME(ECONNREFUSED);
    NAME(ECONNABORTED);
    NAME(EDEADLK);
    NAME(EDQUOT);
    NAME(EEXIST);
    NAME(EFAULT);
    NAME(EFBIG);
    NAME(EINTR);
    NAME(EINVAL);
    NAME(EIO);
    NAME(EISDIR);
    NAME(ELOOP);
    NAME(EMFILE);
    NAME(EMLINK);
    NAME(ENAMETOOLONG);
    NAME(ENFILE);
    NAME(ENODATA);
    NAME(ENODEV);
    NAME(ENOENT);
    NAME(ENOEXEC);
    NAME(ENOLCK);
    NAME(ENOMEM);
    NAME(ENOSPC);
    NAME(ENOSYS);
    NAME(ENOTCONN);
    NAME(ENOTDIR);
    NAME(ENOTEMPTY);
    NAME(ENOTTY);
    NAME(ENXIO);
    NAME(EOPNOTSUPP);
    NAME(EOVERFLOW);
    NAME(EPERM);
    NAME(EPIPE);
    NAME(ERANGE);
    NAME(EROFS);
    NAME(ESPIPE);
    NAME(ESRCH);
    NAME(ESTALE);
    NAME(ETIMEDOUT);
    NAME(ETXTBSY);
    NAME(EXDEV);
    default:
      snprintf(other, sizeof other, "errno %d", error);
      return other;
  }
}
