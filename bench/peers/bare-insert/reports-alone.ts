/** Reports, which could be stored twice so. */
import { followOrder } from '../../load-generator.ts';
import { prepareInserts } from './inserts.ts';

followOrder(prepareInserts({ withKeys: false }));
