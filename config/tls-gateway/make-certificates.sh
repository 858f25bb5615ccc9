#!/bin/sh
# Makes the throw-away certificates of this example anew: an authority, a server, a client. Whoever
# reads this folder has their keys. Needs OpenSSL.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

from=20200101000000Z
to=21200101000000Z
cat > "$work/ca.conf" <<CONF
[ca]
default_ca = own
[own]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
CONF
: > "$work/index"

# signed NAME SUBJECT EXTENSIONS SIGNER...
signed() {
  name=$1 subject=$2 extensions=$3
  shift 3
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$name.key.pem"
  openssl req -new -key "$work/$name.key.pem" -subj "$subject" -out "$work/csr"
  printf '%b\n' "$extensions" > "$work/ext"
  openssl ca -batch -notext -config "$work/ca.conf" -in "$work/csr" -extfile "$work/ext" \
    -startdate "$from" -enddate "$to" -out "$work/$name.pem" "$@"
}

# secret NAME, then pairs of KEY FILE
secret() {
  printf 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\ntype: %s\nstringData:\n' "$1" "$2"
  shift 2
  while [ $# -gt 0 ]; do
    printf '  %s: |\n' "$1"
    sed 's/^/    /' "$2"
    shift 2
  done
}

signed authority '/CN=sluice example (throw-away)' 'basicConstraints=critical,CA:TRUE' \
  -selfsign -keyfile "$work/authority.key.pem"
by="-cert $work/authority.pem -keyfile $work/authority.key.pem"
signed server '/CN=example.com' \
  'subjectAltName=DNS:shop.example.com,DNS:admin.example.com\nextendedKeyUsage=serverAuth' $by
signed client '/CN=ops' 'subjectAltName=DNS:ops.example.com\nextendedKeyUsage=clientAuth' $by

cp "$work/authority.pem" "$work/client.pem" "$work/client.key.pem" .
{
  echo '# Made by make-certificates.sh: throw-away keys, not for use anywhere else.'
  secret example-tls kubernetes.io/tls tls.crt "$work/server.pem" tls.key "$work/server.key.pem"
  echo ---
  secret example-tls-cacert Opaque ca.crt "$work/authority.pem"
} > secrets.yaml
