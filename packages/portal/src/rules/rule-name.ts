/** What a rule may be called: it is part of addresses. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
