#ifndef VFS_SYS_CPU_PAUSE_H_
#define VFS_SYS_CPU_PAUSE_H_

namespace sys {

// Tells the processor that this is a loop that waits for memory to change.
inline void CpuPause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");  // `yield` does nothing on processors without hardware threads
#else
  asm volatile("" ::: "memory");
#endif
}

}  // namespace sys

#endif
