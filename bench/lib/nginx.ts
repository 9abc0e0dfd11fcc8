import { writeFileSync } from 'node:fs';

/** Writes the configuration of an nginx that gives out the files below `root` at port 80 of an address; returns its path. */
export function nginxConfig(
  folder: string,
  { address, root }: { readonly address: string; readonly root: string },
): string {
  const file = `${folder}/nginx.conf`;
  const http = `access_log off; sendfile on; server { listen ${address}:80; root ${root}; }`;
  const rest = `user root; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log; daemon off; master_process off;`;
  writeFileSync(file, `${rest}\nevents {}\nhttp { ${http} }\n`);
  return file;
}
