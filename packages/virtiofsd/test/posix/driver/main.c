/* posix-battery [--list] [--only PATTERN]... [--timeout SECONDS] [--json] DIR */
#include "supervise.h"

#include <fnmatch.h>
#include <getopt.h>

struct test_case *first_case, *current_case;
static struct test_case **end_of_list = &first_case;

void register_case(struct test_case *entry) {
  *end_of_list = entry;
  end_of_list = &entry->next;
}

enum { PATTERNS_MAX = 32 };
static const char *patterns[PATTERNS_MAX];
static int pattern_count;

static const char USAGE[] =
    "usage: posix-battery [--list] [--only PATTERN]... [--timeout SECONDS] [--json] DIR\n"
    "\n"
    "  --list             print the names of the cases, and run none\n"
    "  --only PATTERN     only cases of whose name the pattern matches a part: \"rename:\", \"symlink*ELOOP\"\n"
    "  --timeout SECONDS  for each case; 30 if not given\n"
    "  --json             one JSON object per line\n"
    "  DIR                where a folder is created, used and removed\n";

/* "rename: replaces an existing empty directory" */
static void name_of(const struct test_case *entry, char *name, size_t room) {
  const char *slash = strrchr(entry->file, '/');
  const char *base = slash ? slash + 1 : entry->file;
  snprintf(name, room, "%.*s: %s", (int)strcspn(base, "."), base, entry->promise);
}

static bool wanted(const char *name) {
  for (int i = 0; i < pattern_count; i++) {
    char part[512];
    snprintf(part, sizeof part, "*%.500s*", patterns[i]);
    if (fnmatch(part, name, 0) == 0) return true;
  }
  return pattern_count == 0;
}

static void print_json_text(const char *text) {
  putchar('"');
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') putchar('\\');
    putchar(*text);
  }
  putchar('"');
}

static void print_json(int number, const char *name, const struct result *result) {
  static const char *const OUTCOMES[] = {"passed", "failed", "skipped"};
  printf("{\"number\":%d,\"name\":", number);
  print_json_text(name);
  printf(",\"outcome\":\"%s\",\"milliseconds\":%ld,\"reason\":", OUTCOMES[result->outcome], result->milliseconds);
  print_json_text(result->reason);
  puts("}");
}

static void print_line(int number, const char *name, const struct result *result) {
  printf("%s %d - %s", result->outcome == FAILED ? "not ok" : "ok", number, name);
  if (result->outcome == FAILED) printf(" # %s", result->reason);
  if (result->outcome == SKIPPED) printf(" # SKIP %s", result->reason);
  putchar('\n');
}

static int list(void) {
  for (struct test_case *entry = first_case; entry; entry = entry->next) {
    char name[512];
    name_of(entry, name, sizeof name);
    if (wanted(name)) puts(name);
  }
  return 0;
}

static int run(const char *directory, int seconds, bool json) {
  char top[PATH_MAX], reason[1024];
  snprintf(top, sizeof top, "%s/posix-battery.XXXXXX", directory);
  if (!mkdtemp(top) || chmod(top, 0755) < 0) {
    fprintf(stderr, "posix-battery: %s: %s\n", top, strerror(errno));
    return 2;
  }
  prepare_supervision();
  int counts[INTERRUPTED + 1] = {0}, number = 0;
  for (struct test_case *entry = first_case; entry && !counts[INTERRUPTED]; entry = entry->next) {
    char name[512];
    name_of(entry, name, sizeof name);
    if (!wanted(name)) continue;
    const struct result result = supervise(entry, top, ++number, seconds);
    counts[result.outcome] += 1;
    if (result.outcome == INTERRUPTED) continue;
    (json ? print_json : print_line)(number, name, &result);
    fflush(stdout);
  }
  if (!remove_tree(AT_FDCWD, top, reason, sizeof reason)) {
    fprintf(stderr, "posix-battery: %s\n", reason);
    return 2;
  }
  if (counts[INTERRUPTED]) return 130;
  printf(json ? "{\"passed\":%d,\"failed\":%d,\"skipped\":%d}\n" : "%d passed, %d failed, %d skipped\n",
         counts[PASSED], counts[FAILED], counts[SKIPPED]);
  return counts[FAILED] > 0;
}

int main(int argc, char **argv) {
  static const struct option OPTIONS[] = {
      {"list", no_argument, NULL, 'l'}, {"only", required_argument, NULL, 'o'},
      {"json", no_argument, NULL, 'j'}, {"timeout", required_argument, NULL, 't'},
      {"pause", no_argument, NULL, 'p'}, {NULL, 0, NULL, 0},
  };
  bool names_only = false, json = false;
  int seconds = 30;
  for (int option; (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1;) {
    switch (option) {
      case 'l':
        names_only = true;
        break;
      case 'o':
        if (pattern_count < PATTERNS_MAX) patterns[pattern_count++] = optarg;
        break;
      case 'j':
        json = true;
        break;
      case 't':
        seconds = atoi(optarg);
        break;
      case 'p': /* a program that runs until it is ended, for the cases of execve(2) */
        pause();
        return 0;
      default:
        fputs(USAGE, stderr);
        return 2;
    }
  }
  if (names_only) return list();
  if (optind != argc - 1 || seconds <= 0) {
    fputs(USAGE, stderr);
    return 2;
  }
  return run(argv[optind], seconds, json);
}
