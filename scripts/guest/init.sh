#!/bin/sh
# The first process of the guest. The kernel hands over what it does not know of its command line as variables:
#   vfs_tag   the tag of the share, if there is one
#   vfs_mode  shell: a shell on the first serial line, for a person
#             agent: runs what comes over the second serial line, for a program (see scripts/lib/guest.mjs)
#             probe: says that it runs, and ends
export PATH=/bin HOME=/root LANG=C.UTF-8
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys

# Busybox's poweroff asks an init that is not there, and its shell prefers it to any file of that name.
cat >/root/off <<'SCRIPT'
#!/bin/sh
cd /
umount /mnt 2>/dev/null
sync
exec busybox poweroff -f
SCRIPT
chmod +x /root/off

if [ "$vfs_mode" = probe ]; then
  echo guest-is-running
  exec /root/off
fi

while read -r module; do
  insmod "/modules/$module.ko" || echo "init: $module could not be inserted"
done </modules/order
# Device nodes of the modules' making appear by themselves (devtmpfs); the share is a bus device and needs none.
[ -z "$vfs_tag" ] || mount -t virtiofs "$vfs_tag" /mnt || echo "init: the share '$vfs_tag' could not be mounted"

case $vfs_mode in
  shell)
    export TERM="${vfs_term:-linux}" PS1='guest:\w# '
    [ -n "$vfs_rows" ] && stty rows "$vfs_rows" cols "$vfs_columns" </dev/console
    export ENV=/root/shell
    echo "alias poweroff='exec /root/off' halt='exec /root/off' reboot='exec /root/off'" >"$ENV"
    cat <<TEXT

The shared folder is /mnt. 'exit' or Ctrl-A X ends the guest.
TEXT
    cd /mnt
    setsid -c sh -i </dev/ttyS0 >/dev/ttyS0 2>&1
    ;;
  agent)
    stty -F /dev/ttyS1 raw -echo
    exec 3<>/dev/ttyS1
    echo "ready" >&3
    # A request is "ID SCRIPT", an answer "ID STATUS OUTPUT ERRORS"; scripts and texts in base64, "-" before each text so that
    # none is empty.
    while read -r id script <&3; do
      echo "$script" | base64 -d >/tmp/.script
      sh /tmp/.script </dev/null >/tmp/.output 2>/tmp/.errors 3>&-
      echo "$id $? -$(base64 -w 0 /tmp/.output) -$(base64 -w 0 /tmp/.errors)" >&3
    done
    ;;
esac
exec /root/off
