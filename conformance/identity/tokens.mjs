// Makes tokens with npm's jsonwebtoken and jose, and verifies ours with them.
// One request as JSON on stdin, one answer as JSON on stdout.
import { createPublicKey, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import jwt from 'jsonwebtoken';
import * as jose from 'jose';

const pem = (key) => key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' });

function pairOf(alg) {
  if (alg === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return generateKeyPairSync('ed25519');
}

function keyOf(alg) {
  if (alg === 'HS256') {
    const secret = randomBytes(48);
    return { sign: createSecretKey(secret), jwk: { kty: 'oct', k: secret.toString('base64url') } };
  }
  const { privateKey, publicKey } = pairOf(alg);
  return {
    sign: privateKey,
    jwk: publicKey.export({ format: 'jwk' }),
    privateJwk: privateKey.export({ format: 'jwk' }),
    publicPem: pem(publicKey),
    privatePem: pem(privateKey),
  };
}

async function make({ library, alg, claims }) {
  const { sign, ...key } = keyOf(alg);
  const kid = 'npm';
  const asymmetric = alg !== 'HS256';
  const thumbprint = asymmetric ? await jose.calculateJwkThumbprint(key.jwk) : undefined;
  const token =
    library === 'jsonwebtoken'
      ? jwt.sign(claims, sign, { algorithm: alg, keyid: kid, header: { typ: 'at+jwt' } })
      : await new jose.SignJWT(claims).setProtectedHeader({ alg, typ: 'at+jwt', kid }).sign(sign);
  return { token, thumbprint, ...key };
}

async function verify({ library, token, jwks, secret, issuer, audience, clock }) {
  const { alg, kid } = jose.decodeProtectedHeader(token);
  try {
    if (library === 'jsonwebtoken') {
      const jwk = jwks?.keys.find((key) => key.kid === kid);
      const key = secret
        ? Buffer.from(secret, 'base64url')
        : createPublicKey({ key: jwk, format: 'jwk' });
      const options = { algorithms: [alg], issuer, audience, clockTimestamp: clock };
      return { claims: jwt.verify(token, key, options) };
    }
    const key = secret ? Buffer.from(secret, 'base64url') : jose.createLocalJWKSet(jwks);
    const currentDate = new Date(clock * 1000);
    const options = { algorithms: [alg], issuer, audience, typ: 'at+jwt', currentDate };
    options.requiredClaims = ['iss', 'aud', 'sub', 'iat', 'exp', 'jti'];
    return { claims: (await jose.jwtVerify(token, key, options)).payload };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

const answers = [];
for (const request of JSON.parse(await text(process.stdin))) {
  answers.push(await (request.make ? make(request.make) : verify(request.verify)));
}
process.stdout.write(JSON.stringify(answers));
