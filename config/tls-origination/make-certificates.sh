#!/bin/sh
# Makes the throw-away certificates of this example anew: an authority, an endpoint, the proxy as its client. Whoever
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

signed authority '/CN=sluice example (throw-away)' 'basicConstraints=critical,CA:TRUE' \
  -selfsign -keyfile "$work/authority.key.pem"
by="-cert $work/authority.pem -keyfile $work/authority.key.pem"
signed payments '/CN=payments' \
  'subjectAltName=DNS:payments.example.com\nextendedKeyUsage=serverAuth' $by
signed proxy '/CN=proxy' 'subjectAltName=DNS:proxy.example.com\nextendedKeyUsage=clientAuth' $by

cp "$work/authority.pem" "$work/payments.pem" "$work/payments.key.pem" \
  "$work/proxy.pem" "$work/proxy.key.pem" .
