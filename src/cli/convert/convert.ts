/** `sluice convert`: Ingresses as VirtualServices or HTTPRoutes. */

import { Command, InvalidArgumentError, Option } from 'commander';
import type { Target } from '../../convert/convert.ts';
import type { EntryName } from '../../convert/entry-point.ts';
import { addFileOption, requirePaths } from '../options/config-options.ts';

export interface ConvertFlags {
  readonly file?: readonly string[];
  readonly to: Target;
  readonly gateway?: EntryName;
  readonly gatewayClass: string;
  readonly ingressClass?: string;
  readonly all?: true;
  readonly check: boolean;
  readonly output: 'yaml' | 'json';
}

const examples = `
Resources go to standard output, what could not be carried over to standard error.
Exit code: 0 all was carried over, 1 something was not (it is told which), or nothing is there
to convert, 2 wrong usage.

Examples:
  sluice convert --to httproute -f shop/ > routes.yaml
  sluice convert --to virtualservice --gateway istio-system/public -f ingress.yaml
  sluice convert --to httproute --all -f shop/ | sluice run -f -
  kubectl get ingress,ingressclass,service -A -o yaml | sluice convert --to httproute -f -`;

export function convertCommand(): Command {
  const command = new Command('convert').description(
    'turn Ingresses into VirtualServices or HTTPRoutes, and say what cannot be carried over',
  );
  const target = new Option('--to <kind>', 'what they become, with a Gateway');
  const gateway = new Option(
    '--gateway <[namespace/]name>',
    'Gateway that is written (default: ingress)',
  );
  return addFileOption(
    // Choices are for the help: who writes `HTTPRoute`, as the kind is called, is understood.
    command.addOption(target.choices(targets).argParser(readTarget).makeOptionMandatory()),
  )
    .addOption(gateway.argParser(readName))
    .option('--gateway-class <name>', 'gatewayClassName of a Gateway for HTTPRoutes', 'istio')
    .option('--ingress-class <name>', 'only Ingresses of this class (default: all)')
    .option('--all', 'print the other resources of the files, too')
    .option('--no-check', 'do not compare what was made with the Ingresses')
    .addOption(
      new Option('-o, --output <format>', 'json: a List of all resources')
        .choices(['yaml', 'json'])
        .default('yaml'),
    )
    .addHelpText('after', examples)
    .action(async (flags: ConvertFlags) => {
      const paths = requirePaths(flags);
      // Loaded here, so that no other command carries it.
      const { convertFiles } = await import('./convert-run.ts');
      process.exitCode = await convertFiles(paths, flags);
    });
}

const targets: readonly Target[] = ['virtualservice', 'httproute'];

function readTarget(text: string): Target {
  const found = targets.find((target) => target === text.toLowerCase());
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`Allowed choices are ${targets.join(', ')}.`);
}

function readName(text: string): EntryName {
  const found = /^(?:([a-z0-9-]+)\/)?([a-z0-9][a-z0-9.-]*)$/.exec(text);
  if (found === null) throw new InvalidArgumentError('write NAME or NAMESPACE/NAME');
  const [, namespace = null, name = ''] = found;
  return { name, namespace };
}
