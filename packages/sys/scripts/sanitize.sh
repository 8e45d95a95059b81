#!/bin/sh
# Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer beside the normal one, and runs the tests against it.
# Arguments go to vitest. CXX chooses the compiler; default g++.
set -eu
cd "$(dirname "$0")/.."
cxx=${CXX:-g++}
directory=$PWD/.cache/sanitize
flags='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1'

mkdir -p "$directory"
rm -rf "$directory/native"
cp -r native binding.gyp package.json "$directory/"
(
  cd "$directory"
  export CXX="$cxx" LINK="$cxx" CXXFLAGS="$flags" LDFLAGS="$flags -shared-libasan"
  case $cxx in *clang*) ;; *) LDFLAGS=$flags ;; esac
  ../../node_modules/.bin/node-gyp rebuild --jobs max
)

case $cxx in
  *clang*) runtime=$("$cxx" -print-file-name="libclang_rt.asan-$(uname -m).so") ;;
  *) runtime=$("$cxx" -print-file-name=libasan.so) ;;
esac
# Node itself is not instrumented: the runtime comes first, leaks of V8 are not ours. The loader of the addon takes the directory to load from
# from this variable. The children of tests inherit all of it.
exec env VFS_TEST_RESULTS="${VFS_TEST_RESULTS:-test-results/sanitize.json}" \
  "@VFS/SYS_PREBUILD=$directory" \
  LD_PRELOAD="$runtime" \
  ASAN_OPTIONS="detect_leaks=0:abort_on_error=1:handle_segv=0:handle_sigbus=0:${ASAN_OPTIONS:-}" \
  UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:${UBSAN_OPTIONS:-}" \
  ../../node_modules/.bin/vitest run "$@"
