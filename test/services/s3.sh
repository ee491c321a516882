#!/bin/bash
# An S3 server on the loopback address: Ceph's own, of Debian (a monitor, one object store in memory, radosgw).
# Usage: s3.sh DIR PORT. Ports PORT+1 and PORT+2 are the monitor's. Access and secret key: REPRISETEST.
set -e
dir=${1:?s3.sh DIR PORT}
port=${2:?s3.sh DIR PORT}
mkdir -p "$dir"/{mon,osd,run,rgw,log}
fsid=$(cat /proc/sys/kernel/random/uuid)
osd=$(cat /proc/sys/kernel/random/uuid)
cat > "$dir/ceph.conf" <<CONF
[global]
fsid = $fsid
mon_initial_members = a
mon_host = [v2:127.0.0.1:$((port + 1)),v1:127.0.0.1:$((port + 2))]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
keyring = $dir/keyring
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 1000
osd_max_object_name_len = 256
run_dir = $dir/run
admin_socket = $dir/run/\$name.asok
pid_file = $dir/run/\$name.pid
log_file = $dir/log/\$name.log
setuser =
setgroup =
[mon.a]
mon_data = $dir/mon
[osd.0]
osd_data = $dir/osd
osd_objectstore = memstore
memstore_device_bytes = 1073741824
osd_memory_target = 939524096
[client.rgw.a]
rgw_data = $dir/rgw
rgw_frontends = beast endpoint=127.0.0.1:$port
rgw_enable_usage_log = false
CONF
export CEPH_CONF=$dir/ceph.conf
conf=(-c "$CEPH_CONF")
ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *'
ceph-authtool "$dir/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
ceph-authtool "$dir/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
ceph-authtool "$dir/keyring" --gen-key -n client.rgw.a --cap mon 'allow *' --cap osd 'allow *'
monmaptool --create --addv a "[v2:127.0.0.1:$((port + 1)),v1:127.0.0.1:$((port + 2))]" --fsid "$fsid" "$dir/monmap"
ceph-mon "${conf[@]}" --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring"
ceph-mon "${conf[@]}" -i a
ceph "${conf[@]}" --connect-timeout 30 osd new "$osd"
ceph-osd "${conf[@]}" -i 0 --mkfs --no-mon-config --osd-uuid "$osd"
ceph-osd "${conf[@]}" -i 0
radosgw "${conf[@]}" -n client.rgw.a
for _ in $(seq 120); do
  curl -s -o /dev/null "http://127.0.0.1:$port/" && break
  sleep 0.5
done
radosgw-admin "${conf[@]}" user create --uid t --display-name t --access-key REPRISETEST --secret REPRISETEST > /dev/null
