{
  "targets": [
    {
      "target_name": "sys",
      "sources": [
        "native/addon.cc",
        "native/bus_guard.cc",
        "native/call.cc",
        "native/calls_capability.cc",
        "native/calls_datagram.cc",
        "native/calls_dir.cc",
        "native/calls_event.cc",
        "native/calls_file.cc",
        "native/calls_identity.cc",
        "native/calls_io.cc",
        "native/calls_landlock.cc",
        "native/calls_mount.cc",
        "native/calls_open.cc",
        "native/calls_process.cc",
        "native/calls_ring.cc",
        "native/calls_seccomp.cc",
        "native/calls_socket.cc",
        "native/calls_spawn.cc",
        "native/calls_stat.cc",
        "native/clock.cc",
        "native/env.cc",
        "native/mapping.cc",
        "native/pool.cc",
        "native/watcher.cc",
        "native/windows.cc"
      ],
      "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api"],
      "defines": ["NAPI_VERSION=9"],
      "cflags_cc": [
        "-std=c++17",
        "-fno-exceptions",
        "-fvisibility=hidden",
        "-Wall",
        "-Wextra",
        "-Werror"
      ],
      "ldflags": ["-static-libstdc++", "-static-libgcc", "-Wl,-z,relro,-z,now,-z,nodelete"]
    }
  ]
}
