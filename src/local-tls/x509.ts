/** Certificates of the local authority, made by pkijs with the platform's WebCrypto. */

import { KeyObject, type webcrypto, X509Certificate } from 'node:crypto';
import { BitString, Integer, OctetString, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  type PkiObject,
  RelativeDistinguishedNames,
  Time,
  TimeType,
} from 'pkijs';
import type { CertifiedKey } from './authority-files.ts';
import type { ServerName } from './server-name.ts';

/** Milliseconds since the epoch, both included. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

/** Whose name and key stand behind a certificate. */
export interface Issuer {
  readonly name: RelativeDistinguishedNames;
  /** By it a leaf finds its authority among several of one name; empty where that has no id. */
  readonly keyIdentifier: readonly Extension[];
  readonly key: CryptoKey;
}

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** RFC 5280 section 4.2.1, and appendix A for the attributes of names. */
const oid = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** An authority for leaves only: it cannot make another authority. */
export async function createAuthority(name: string, validity: Validity): Promise<CertifiedKey> {
  const keys = await newKeys();
  const subject = nameOf(oid.commonName, name);
  const constraints = new BasicConstraints({ cA: true, pathLenConstraint: 0 });
  const extensions = [
    extension(oid.basicConstraints, constraints, { critical: true }),
    keyUsage(keyCertSign),
  ];
  const contents = { subject, issuer: subject, validity, extensions };
  return certified(contents, keys, keys.privateKey);
}

/** An authority, ready to sign. */
export function issuerOf(certificate: X509Certificate, key: KeyObject): Issuer {
  const { subject, extensions } = Certificate.fromBER(certificate.raw);
  const id = extensions?.find(({ extnID }) => extnID === oid.subjectKeyIdentifier)?.parsedValue;
  const keyIdentifier =
    id instanceof OctetString
      ? [extension(oid.authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier: id }))]
      : [];
  return { name: subject, keyIdentifier, key: key.toCryptoKey(keyAlgorithm, false, ['sign']) };
}

/** A certificate for a host, with a key of its own. */
export async function createLeaf(
  issuer: Issuer,
  serverName: ServerName,
  validity: Validity,
): Promise<CertifiedKey> {
  // Clients look at the alternative names alone (RFC 9525 section 6.3); this is for people.
  const subject = nameOf(oid.organization, 'sluice local development');
  const extensions = [
    extension(oid.basicConstraints, new BasicConstraints({ cA: false }), { critical: true }),
    keyUsage(digitalSignature),
    extension(oid.extKeyUsage, new ExtKeyUsage({ keyPurposes: [oid.serverAuth] })),
    extension(oid.subjectAltName, new GeneralNames({ names: [alternativeName(serverName)] })),
    ...issuer.keyIdentifier,
  ];
  const contents = { subject, issuer: issuer.name, validity, extensions };
  return certified(contents, await newKeys(), issuer.key);
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
}

interface Contents {
  readonly subject: RelativeDistinguishedNames;
  readonly issuer: RelativeDistinguishedNames;
  readonly validity: Validity;
  readonly extensions: readonly Extension[];
}

async function certified(
  { subject, issuer, validity, extensions }: Contents,
  keys: webcrypto.CryptoKeyPair,
  issuerKey: CryptoKey,
): Promise<CertifiedKey> {
  const certificate = new Certificate({
    // Version 3, the one with extensions.
    version: 2,
    serialNumber: new Integer({ valueHex: serialNumber() }),
    issuer,
    notBefore: timeOf(validity.from),
    notAfter: timeOf(validity.to),
    subject,
  });
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  const keyIdentifier = new OctetString({ valueHex: await certificate.getKeyHash() });
  certificate.extensions = [extension(oid.subjectKeyIdentifier, keyIdentifier), ...extensions];
  await certificate.sign(issuerKey, 'SHA-256');
  const der = Buffer.from(certificate.toSchema().toBER());
  return {
    certificate: new X509Certificate(der).toString(),
    privateKey: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Positive, of one length, and not to be guessed (RFC 5280 section 4.1.2.2). */
function serialNumber(): ArrayBuffer {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes.buffer;
}

/** RFC 5280 section 4.1.2.5: from 2050 on, years have four digits. */
function timeOf(ms: number): Time {
  const value = new Date(ms);
  const type = value.getUTCFullYear() < 2050 ? TimeType.UTCTime : TimeType.GeneralizedTime;
  return new Time({ type, value });
}

function nameOf(type: string, text: string): RelativeDistinguishedNames {
  const value = new Utf8String({ value: text });
  return new RelativeDistinguishedNames({
    typesAndValues: [new AttributeTypeAndValue({ type, value })],
  });
}

function alternativeName(serverName: ServerName): GeneralName {
  // GeneralName of RFC 5280: dNSName is [2], iPAddress is [7].
  return serverName.kind === 'dns'
    ? new GeneralName({ type: 2, value: serverName.name })
    : new GeneralName({ type: 7, value: new OctetString({ valueHex: serverName.bytes }) });
}

interface BitUsage {
  /** The first byte of the bit string, and how many bits at its end do not count. */
  readonly byte: number;
  readonly unusedBits: number;
}

/** RFC 5280 section 4.2.1.3: bit 0, and bit 5. */
const digitalSignature: BitUsage = { byte: 0b1000_0000, unusedBits: 7 };
const keyCertSign: BitUsage = { byte: 0b0000_0100, unusedBits: 2 };

function keyUsage({ byte, unusedBits }: BitUsage): Extension {
  const bits = new BitString({ valueHex: Uint8Array.of(byte), unusedBits });
  return extension(oid.keyUsage, bits, { critical: true });
}

/** A client that does not know a critical extension refuses the certificate. */
function extension(
  extnID: string,
  value: PkiObject | BitString | OctetString,
  { critical } = { critical: false },
): Extension {
  const encoded = 'toSchema' in value ? value.toSchema() : value;
  return new Extension({ extnID, critical, extnValue: encoded.toBER() });
}
