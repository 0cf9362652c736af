import type { HttpAnswer, Route } from '@iotistic/chassis/http-server';
import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { STOPPABLE_MAIL_TEXTS } from '../domain/mail-preferences.ts';
import { readMailLink, stopMails } from '../service/stop-mails.ts';

const MAX_BODY_BYTES = 4_096;

/** A person who follows a mail's link is asked first: programs that look at every link of a mail stop nothing. */
export function unsubscribePage(app: BillingApp): Route {
  return withPage(async ({ query }) => {
    const { kind, isStopped } = await readMailLink(app, { kind: query.get('kind'), token: query.get('token') });
    const about = STOPPABLE_MAIL_TEXTS[kind];
    if (isStopped) return page(`You get no more mails about ${about}.`);
    return page(`Do you want no more mails about ${about}?`, '<form method="post"><button>Stop these mails</button></form>');
  });
}

/** A mail program's one click (RFC 8058), or the button of the page. */
export function unsubscribe(app: BillingApp): Route {
  return withPage(async ({ query, body }) => {
    await body(MAX_BODY_BYTES);
    const kind = await stopMails(app, { kind: query.get('kind'), token: query.get('token') });
    return page(`You will get no more mails about ${STOPPABLE_MAIL_TEXTS[kind]}. Mails about money and access still go.`);
  });
}

/** A person reads a sentence where a link is wrong, and a program the status. */
function withPage(route: Route): Route {
  return async (request) => {
    try {
      return await route(request);
    } catch (error) {
      if (!(error instanceof AppError) || error.reason !== 'INVALID_MAIL_LINK') throw error;
      return { ...page('This link does not work: a part of it is missing, or it is not one of ours. Please open it again from the mail.'), status: 400 };
    }
  };
}

function page(sentence: string, rest = ''): HttpAnswer {
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>Iotistic mails</title><h1>Iotistic mails</h1><p>${sentence}</p>${rest}</html>\n`;
  return { headers: { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' }, body };
}
