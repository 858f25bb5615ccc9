/** Who is logged in: a name in a cookie. No password and no signature, as nothing is protected. */

const cookieName = 'session';
/** What a name may look like; everything else is no session. */
const namePattern = /^[A-Za-z0-9._-]{1,40}$/;

export function sessionUser(cookieHeader: string | undefined): string | null {
  for (const pair of (cookieHeader ?? '').split(';')) {
    const [name, value = ''] = pair.trim().split('=', 2);
    if (name === cookieName && namePattern.test(value)) return value;
  }
  return null;
}

/** The name in a submitted login form; null when it is empty or not a name. */
export function loginUser(form: string): string | null {
  const name = (new URLSearchParams(form).get('username') ?? '').trim();
  return namePattern.test(name) ? name : null;
}

export function sessionCookie(user: string): string {
  return `${cookieName}=${user}; Path=/; HttpOnly; SameSite=Lax`;
}

export function endedSessionCookie(): string {
  return `${cookieName}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`;
}
