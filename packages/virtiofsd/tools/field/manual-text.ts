import { bold, example, heading, paragraph, tagged } from './roff.js';

/** What the page says behind the options. */
export const CLOSING = [
  heading('Environment'),
  tagged(bold('RUST_LOG'), ['A level for the log, above what the command line says.']),
  tagged(bold('LISTEN_FDS, LISTEN_PID'), [
    'The socket that a service manager passes, taken where neither --socket-path nor --fd is given.',
  ]),
  tagged(bold('NOTIFY_SOCKET'), [
    'Where the service manager is told that the daemon is ready, and that it ends.',
  ]),
  heading('Signals'),
  tagged(bold('SIGTERM, SIGINT'), [
    'The requests in flight are finished, then the daemon ends. Sent again they end it at once.',
  ]),
  tagged(bold('SIGHUP'), ['The daemon ends at once.']),
  heading('Exit status'),
  tagged(bold('0'), ['The machine has disconnected, or SIGTERM or SIGINT has ended the daemon.']),
  tagged(bold('1'), [
    'It could not start, the connection has failed for a reason that is in the log, or it was ended at once.',
  ]),
  tagged(bold('2'), ['The command line is wrong.']),
  tagged(bold('128 + N'), ['Signal N has ended the process that serves.']),
  heading('Files'),
  tagged(bold('SOCK.pid'), ['The process of the daemon, which holds a lock on it.']),
  tagged(bold('/etc/subuid, /etc/subgid'), [
    'The ids that --uid-map and --gid-map may give to a user other than root.',
  ]),
  tagged(bold('/usr/share/qemu/vhost-user/50-virtiofsd.json'), ['How libvirt finds the daemon.']),
  heading('Examples'),
  paragraph('Share a folder, with the memory of the machine where both can reach it:'),
  example(`virtiofsd --shared-dir=/srv/share --socket-path=/run/vm1-fs.sock &
qemu-system-x86_64 ... \\
  -object memory-backend-memfd,id=mem,size=4G,share=on -machine memory-backend=mem \\
  -chardev socket,id=fs0,path=/run/vm1-fs.sock \\
  -device vhost-user-fs-pci,chardev=fs0,tag=share`),
  paragraph('Ask first what will work here, and why something will not:'),
  example('virtiofsd check --shared-dir=/srv/share --socket-path=/run/vm1-fs.sock --posix-acl'),
  heading('See also'),
  '.BR mount (8),\n.BR newuidmap (1),\n.BR subuid (5),\n.BR capabilities (7),\n.BR user_namespaces (7)\n',
].join('');
