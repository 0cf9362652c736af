import { ANSWER_FILE_TYPE, type AnswerFile, answerFileSchema } from '@iotistic/contracts/air-gap';
import { AppError } from '@iotistic/contracts/errors';
import { LICENSE_ISSUER } from '@iotistic/contracts/license';
import type { LicensingApp } from '../app.ts';
import { listAirGapLicenses } from '../repository/licenses.ts';

/** What usage says of a file that it took. */
export interface ImportedFile {
  fileId: string;
  customerId: string;
  instance: string;
  /** JSON. */
  verdicts: string;
}

/**
 * The file that goes back to an instance without a network: what became of its reports, the license that was issued for it
 * (else the one in force), the revocations and the keys, signed as one.
 */
export async function answerUsageFile(app: Pick<LicensingApp, 'db' | 'clock' | 'signing' | 'loaders' | 'revocationList'>, imported: ImportedFile): Promise<string> {
  const verdicts = answerFileSchema.shape.verdicts.safeParse(JSON.parse(imported.verdicts));
  if (!verdicts.success) throw new AppError('INTERNAL', 'UNEXPECTED', undefined, { cause: verdicts.error });
  const { customerId, fileId, instance } = imported;
  const now = app.clock.now();
  const { license, epoch } = await app.loaders.standings.load(customerId);
  const airGap = (await listAirGapLicenses(app.db, [customerId]))[0]?.find(({ revokedAt, expiresAt }) => revokedAt === null && now < expiresAt);
  const inForce = license !== null && license.revokedAt === null && now < license.unlicensedFrom ? license : null;
  const answer: AnswerFile = {
    iss: LICENSE_ISSUER,
    iat: Math.floor(now.getTime() / 1000),
    fileId,
    customerId,
    instance,
    verdicts: verdicts.data,
    license: (airGap ?? inForce)?.token ?? null,
    revocationList: await app.revocationList.get(epoch),
    signingKeys: [...app.signing.announcements()],
  };
  return app.signing.current().sign(ANSWER_FILE_TYPE, answer);
}
