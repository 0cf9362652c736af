/** Reports, and the keys by which a second delivery of them would be known. */
import { followOrder } from '../../load-generator.ts';
import { prepareInserts } from './inserts.ts';

followOrder(prepareInserts({ withKeys: true }));
