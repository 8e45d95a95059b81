/* Promises that many calls share, as cases of each: path_resolution(7), and the ERRORS that all pages repeat.
 *
 *   PATH_PROMISES(chmod, chmod(path, 0600))
 *
 * is a case for each, in the group of the file it stands in. `file`, `dir` and `loop` exist beside `path`. */
#ifndef PROMISES_H
#define PROMISES_H

#include "battery.h"

typedef long long (*path_call)(const char *path);

void path_empty(path_call call);
void path_through_missing(path_call call);
void path_through_file(path_call call);
void path_through_dangling_link(path_call call);
void path_with_long_name(path_call call);
void path_too_long(path_call call);
void path_through_loop(path_call call);
void path_unsearchable(path_call call);
void path_unreadable(path_call call);
void existing_missing(path_call call);
void existing_file_with_slash(path_call call);
void followed_dangling(path_call call);
void followed_loop(path_call call);
void new_over_file(path_call call);
void new_over_directory(path_call call);
void new_over_dangling_link(path_call call);
void new_in_unwritable(path_call call);
void new_in_removed(path_call call);
void new_updates_directory(path_call call);
void new_has_owner(path_call call);
void new_has_group_of_directory(path_call call);
void removed_from_unwritable(path_call make, path_call call);
void removed_updates_directory(path_call make, path_call call);

/* Any call that takes a path. */
#define PATH_PROMISES(name, call)                                                                              \
  static long long name##_call(const char *path) { return (call); }                                              \
  CASE("ENOENT from " #name " of an empty path") { path_empty(name##_call); }                                    \
  CASE("ENOENT from " #name " beneath a missing directory") { path_through_missing(name##_call); }               \
  CASE("ENOENT from " #name " beneath a dangling symlink") { path_through_dangling_link(name##_call); }          \
  CASE("ENOTDIR from " #name " beneath a file") { path_through_file(name##_call); }                              \
  CASE("ENAMETOOLONG from " #name " of a name of NAME_MAX + 1 bytes") { path_with_long_name(name##_call); }      \
  CASE("ENAMETOOLONG from " #name " of a path of PATH_MAX bytes") { path_too_long(name##_call); }                \
  CASE("ELOOP from " #name " beneath a loop of symlinks") { path_through_loop(name##_call); }                    \
  CASE("EFAULT from " #name " of a bad address") { path_unreadable(name##_call); }                               \
  USER_CASE("EACCES from " #name " beneath a directory without search permission") { path_unsearchable(name##_call); }

/* A call whose path must exist. After PATH_PROMISES. */
#define EXISTING_PROMISES(name)                                                                                \
  CASE("ENOENT from " #name " of a missing file") { existing_missing(name##_call); }                             \
  CASE("ENOTDIR from " #name " of a file with a trailing slash") { existing_file_with_slash(name##_call); }

/* A call that follows a symlink at the end of its path. After PATH_PROMISES. */
#define FOLLOWED_PROMISES(name)                                                                                \
  EXISTING_PROMISES(name)                                                                                      \
  CASE("ENOENT from " #name " of a dangling symlink") { followed_dangling(name##_call); }                        \
  CASE("ELOOP from " #name " of a symlink to itself") { followed_loop(name##_call); }

/* A call that makes a directory entry. After PATH_PROMISES. */
#define NEW_ENTRY_PROMISES(name)                                                                               \
  CASE("EEXIST from " #name " over a file, which is kept") { new_over_file(name##_call); }                       \
  CASE("EEXIST from " #name " over a directory") { new_over_directory(name##_call); }                            \
  CASE("EEXIST from " #name " over a dangling symlink, which is kept") { new_over_dangling_link(name##_call); }  \
  CASE("ENOENT from " #name " in a directory that was removed") { new_in_removed(name##_call); }                 \
  CASE("times of the directory are updated by " #name) { new_updates_directory(name##_call); }                   \
  USER_CASE("EACCES from " #name " in a directory without write permission") { new_in_unwritable(name##_call); }

/* A call that makes an inode. After PATH_PROMISES. */
#define NEW_INODE_PROMISES(name)                                                                               \
  NEW_ENTRY_PROMISES(name)                                                                                     \
  ROOT_CASE("owner and group of what " #name " makes are the effective ones of the caller") {                  \
    new_has_owner(name##_call);                                                                                  \
  }                                                                                                            \
  ROOT_CASE("group of what " #name " makes is that of the directory if this is set-group-ID") {                \
    new_has_group_of_directory(name##_call);                                                                     \
  }

/* A call that removes the directory entry made by another. After PATH_PROMISES. */
#define REMOVED_ENTRY_PROMISES(name, making)                                                                   \
  static long long name##_made(const char *path) { return (making); }                                          \
  CASE("times of the directory are updated by " #name) { removed_updates_directory(name##_made, name##_call); }  \
  USER_CASE("EACCES from " #name " in a directory without write permission") {                                 \
    removed_from_unwritable(name##_made, name##_call);                                                           \
  }

#endif
