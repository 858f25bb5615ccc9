/** Keys and certificates that a run of the conformance suite makes: authorities, and leaves of them. */

import { KeyObject, type webcrypto, X509Certificate } from 'node:crypto';
import { BitString, Integer, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  GeneralName,
  GeneralNames,
  RelativeDistinguishedNames,
} from 'pkijs';

/** Texts in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** RFC 5280 section 4.2.1. */
const oid = {
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
} as const;

/** Types of GeneralName, RFC 5280 section 4.2.1.6. */
const dnsName = 2;
const uriName = 6;

/** `keyCertSign` is bit 5. */
const keyCertSign = new BitString({ valueHex: Uint8Array.of(0b0000_0100).buffer, unusedBits: 2 });

const dayMs = 86_400_000;

export class TestAuthority {
  readonly cert: string;
  readonly #name: RelativeDistinguishedNames;
  readonly #key: webcrypto.CryptoKey;

  private constructor(cert: string, name: RelativeDistinguishedNames, key: webcrypto.CryptoKey) {
    this.cert = cert;
    this.#name = name;
    this.#key = key;
  }

  static async create(name: string): Promise<TestAuthority> {
    const keys = await newKeys();
    const subject = nameOf(name);
    const extensions = [
      extension(oid.basicConstraints, new BasicConstraints({ cA: true }).toSchema().toBER()),
      extension(oid.keyUsage, keyCertSign.toBER()),
    ];
    const contents = { subject, issuer: subject, extensions };
    const cert = await signed(contents, keys.publicKey, keys.privateKey);
    return new TestAuthority(cert, subject, keys.privateKey);
  }

  /** `names`: DNS names, and URIs, which have a `:`. */
  async issue(names: readonly string[]): Promise<KeyPair> {
    const keys = await newKeys();
    const alternatives = names.map(
      (value) => new GeneralName({ type: value.includes(':') ? uriName : dnsName, value }),
    );
    const altNames = new GeneralNames({ names: alternatives }).toSchema().toBER();
    const contents = {
      subject: nameOf(names[0] ?? 'leaf'),
      issuer: this.#name,
      extensions: [extension(oid.subjectAltName, altNames)],
    };
    return {
      cert: await signed(contents, keys.publicKey, this.#key),
      key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

interface Contents {
  readonly subject: RelativeDistinguishedNames;
  readonly issuer: RelativeDistinguishedNames;
  readonly extensions: readonly Extension[];
}

async function signed(
  { subject, issuer, extensions }: Contents,
  publicKey: webcrypto.CryptoKey,
  signer: webcrypto.CryptoKey,
): Promise<string> {
  const serial = crypto.getRandomValues(new Uint8Array(8));
  // Positive, and of one length.
  serial[0] = 1;
  const certificate = new Certificate({
    version: 2,
    serialNumber: new Integer({ valueHex: serial.buffer }),
    subject,
    issuer,
    extensions: [...extensions],
  });
  certificate.notBefore.value = new Date(Date.now() - dayMs);
  certificate.notAfter.value = new Date(Date.now() + dayMs);
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  await certificate.sign(signer, 'SHA-256');
  return new X509Certificate(Buffer.from(certificate.toSchema().toBER())).toString();
}

function nameOf(text: string): RelativeDistinguishedNames {
  const value = new Utf8String({ value: text });
  return new RelativeDistinguishedNames({
    typesAndValues: [new AttributeTypeAndValue({ type: oid.commonName, value })],
  });
}

function extension(extnID: string, extnValue: ArrayBuffer): Extension {
  return new Extension({ extnID, critical: extnID !== oid.subjectAltName, extnValue });
}
