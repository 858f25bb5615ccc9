/** What a user runs to have a certificate authority trusted: text, of which nothing is run here. */

export interface TrustOptions {
  /** Path of the PEM file. */
  readonly certificate: string;
  /** Under which stores list it. */
  readonly name: string;
  readonly platform: NodeJS.Platform;
  /** Where Chromium on Linux looks for certificates of the user. */
  readonly nssFolder: string;
}

interface Instruction {
  readonly who: string;
  readonly steps: readonly string[];
}

export function trustInstructions(options: TrustOptions): string {
  const system = options.platform === 'darwin' ? onMacOs(options) : onLinux(options);
  const all = [...oneProgram(options), ...system, firefox(options)];
  return all.map(({ who, steps }) => `${who}\n${steps.map((s) => `  ${s}\n`).join('')}`).join('\n');
}

function oneProgram({ certificate }: TrustOptions): Instruction[] {
  const path = quoted(certificate);
  return [
    {
      who: 'One program at a time',
      steps: [
        `curl --cacert ${path} https://localhost:8443/`,
        `NODE_EXTRA_CA_CERTS=${path} node client.js`,
        `SSL_CERT_FILE=${path} ./client          # Go, Ruby, Python httpx`,
        `REQUESTS_CA_BUNDLE=${path} python client.py`,
      ],
    },
  ];
}

function onLinux({ certificate, name, nssFolder }: TrustOptions): Instruction[] {
  const path = quoted(certificate);
  const folder = quoted(nssFolder);
  return [
    {
      who: 'Debian, Ubuntu: all but browsers and Node.js',
      steps: [
        `sudo cp ${path} /usr/local/share/ca-certificates/sluice-local-ca.crt`,
        'sudo update-ca-certificates',
      ],
    },
    {
      who: 'Fedora, RHEL, Arch: all but Chromium and Node.js',
      steps: [`sudo trust anchor --store ${path}`],
    },
    {
      who: 'Chrome, Chromium (certutil is in libnss3-tools or nss-tools)',
      steps: [
        `mkdir -p ${folder}`,
        `certutil -A -d sql:${folder} -t C,, -n ${quoted(name)} -i ${path}`,
      ],
    },
  ];
}

function onMacOs({ certificate }: TrustOptions): Instruction[] {
  const keychain = '/Library/Keychains/System.keychain';
  const add = `sudo security add-trusted-cert -d -r trustRoot -k ${keychain}`;
  return [
    {
      who: 'macOS: Safari, Chrome, curl',
      steps: [`${add} ${quoted(certificate)}`],
    },
  ];
}

function firefox({ certificate }: TrustOptions): Instruction {
  return {
    who: 'Firefox',
    steps: [
      'Settings, Privacy & Security, View Certificates, Authorities, Import:',
      `${certificate}, for websites`,
    ],
  };
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
