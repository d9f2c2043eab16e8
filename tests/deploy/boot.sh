#!/usr/bin/env bash
# Boots systemd as the first process of namespaces of its own, with no units but those of a folder:
#
#   boot.sh FOLDER GATEWAY
#
# Whatever it writes goes to memory. The folder has `system` (units), `etc` (what becomes /etc/thriftgate) and gets `log`.

set -euo pipefail

folder=$1
gateway=$2

if [[ ${3:-} != inside ]]; then
    mount --make-rprivate /
    mount -t cgroup2 none "$folder/cgroup"
    mkdir "$folder/cgroup/${folder##*/}"
    echo $$ >"$folder/cgroup/${folder##*/}/cgroup.procs"
    exec unshare --cgroup --ipc --net --pid --uts --mount --mount-proc --fork --kill-child \
        "$BASH" "${BASH_SOURCE[0]}" "$folder" "$gateway" inside
fi

umount "$folder/cgroup"
mount -t tmpfs none "$folder/memory"
over() {
    local name=${1//\//-}
    mkdir -p "$folder/memory/$name/upper" "$folder/memory/$name/work"
    mount -t overlay none \
        -o "lowerdir=$1,upperdir=$folder/memory/$name/upper,workdir=$folder/memory/$name/work" "$1"
}
over /etc
over /var
over /usr/bin
for path in /run /etc/systemd/system /usr/lib/systemd/system /usr/lib/systemd/system-generators; do
    mount -t tmpfs none "$path"
done
umount --recursive /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
cp "$folder"/system/* /etc/systemd/system/
mkdir -p /etc/systemd/system/thriftgate.service.d /etc/thriftgate /run/lock
printf '[Service]\nStandardOutput=append:%s\nStandardError=append:%s\n' "$folder/log" "$folder/log" \
    >/etc/systemd/system/thriftgate.service.d/test.conf
cp -r "$folder"/etc/. /etc/thriftgate/
touch /usr/bin/thriftgate
mount --bind "$gateway" /usr/bin/thriftgate
for target in basic default multi-user network-online shutdown sockets sysinit umount; do
    printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" >"/etc/systemd/system/$target.target"
done
export container=thriftgate-tests
exec /lib/systemd/systemd --system --log-target=null --show-status=no
