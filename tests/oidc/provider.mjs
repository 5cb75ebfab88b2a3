// A provider of OpenID Connect for the tests: `node provider.mjs REDIRECT_URI MODULES` says READY and its issuer.
import http from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [redirect, modules] = process.argv.slice(2);
const found = createRequire(`${modules}/x.js`).resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(found));

const people = {
  ana: { name: 'Ana Sousa', email: 'Ana@hub.example', email_verified: true, groups: ['staff', 'hub-leads'] },
  ben: { name: 'Ben', email: 'ben@hub.example', email_verified: true, groups: ['staff'] },
  mallory: { name: 'Mallory', email: 'ana@hub.example', email_verified: false, groups: ['hub-admins'] },
};

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'hubbub',
      client_secret: 'a secret: with/odd+characters % in it',
      redirect_uris: [redirect],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    cookies: { keys: ['only for tests'] },
  });
  server.on('request', provider.callback());
  console.log(`READY ${issuer}`);
});
