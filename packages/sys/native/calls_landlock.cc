// Landlock: what a process takes away from itself. The rules are the caller's: the kernel verifies them.
#include <sys/syscall.h>

#include "call.h"

// The same numbers on every architecture; older headers do not have them.
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif
#ifndef SYS_landlock_add_rule
#define SYS_landlock_add_rule 445
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

namespace sys {
namespace {

// The size of any rule of today: struct landlock_path_beneath_attr has 12 bytes, struct landlock_net_port_attr 16.
constexpr uint32_t kRuleSize = 16;

// landlock_create_ruleset(attr, size, flags); the window 0 stands for no attributes
int32_t LandlockCreateRuleset(Env& env, Args a) {
  if (a[2] < 0) return -EINVAL;
  const uint8_t* attr = nullptr;
  if (a[0] != 0) {
    attr = At(env, a, static_cast<uint32_t>(a[2]));
    if (attr == nullptr) return -EFAULT;
  }
  return Result(syscall(SYS_landlock_create_ruleset, attr, static_cast<size_t>(a[2]), a[3]));
}

// landlock_add_rule(ruleset, type, attr, flags)
int32_t LandlockAddRule(Env& env, Args a) {
  const uint8_t* const attr = At(env, a + 2, kRuleSize);
  if (attr == nullptr) return -EFAULT;
  return Result(syscall(SYS_landlock_add_rule, a[0], a[1], attr, a[4]));
}

// landlock_restrict_self(ruleset, flags)
int32_t LandlockRestrictSelf(Env&, Args a) { return Result(syscall(SYS_landlock_restrict_self, a[0], a[1])); }

const Call kCalls[] = {
    {"landlockCreateRuleset", 4, LandlockCreateRuleset, Where::kThisThread},
    {"landlockAddRule", 5, LandlockAddRule, Where::kThisThread},
    {"landlockRestrictSelf", 2, LandlockRestrictSelf, Where::kThisThread},
};

}  // namespace

CallTable LandlockCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
