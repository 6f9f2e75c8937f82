BEGIN TRANSACTION;
CREATE TABLE absences(
  id INTEGER PRIMARY KEY AUTOINCREMENT, service_day TEXT NOT NULL, window_code TEXT NOT NULL REFERENCES windows(code),
  staff TEXT NOT NULL REFERENCES staff(no), post TEXT NOT NULL, reason TEXT NOT NULL,
  approved_by TEXT REFERENCES staff(no), from_ms INTEGER NOT NULL, back_ms INTEGER, to_ms INTEGER,
  handover TEXT, handback TEXT);
INSERT INTO "absences" VALUES(1,'2026-11-24','1','1001','A','meeting',NULL,1795486470000,1795489200000,NULL,'章在抽屉里',NULL);
CREATE TABLE adjustment_steps(
  id INTEGER PRIMARY KEY AUTOINCREMENT, adjustment INTEGER NOT NULL REFERENCES adjustments(id), step TEXT NOT NULL, at_ms INTEGER NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(no), note TEXT, UNIQUE (adjustment, step));
CREATE TABLE adjustments(
  id INTEGER PRIMARY KEY AUTOINCREMENT, window_code TEXT NOT NULL REFERENCES windows(code), post TEXT NOT NULL,
  leaving TEXT REFERENCES staff(no), entering TEXT NOT NULL REFERENCES staff(no),
  consent TEXT REFERENCES staff(no), why TEXT, requested_day TEXT NOT NULL,
  state TEXT NOT NULL, probation_until TEXT);
CREATE TABLE agencies(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL,
  phone TEXT NOT NULL, hours TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0, spoken TEXT NOT NULL DEFAULT '[]');
INSERT INTO "agencies" VALUES('court',0,'青禾县人民法院','青禾县城关镇一号','0000-0000001','工作日',0,'[]');
CREATE TABLE attempts(
  id INTEGER PRIMARY KEY AUTOINCREMENT, absence INTEGER NOT NULL REFERENCES absences(id), place INTEGER NOT NULL, post TEXT NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(no), at_ms INTEGER NOT NULL, answer TEXT, answered_ms INTEGER,
  UNIQUE (absence, place));
INSERT INTO "attempts" VALUES(1,1,0,'B','1005',1795486470000,'elsewhere',1795486470000);
INSERT INTO "attempts" VALUES(2,1,1,'lead','4001',1795486470000,NULL,NULL);
CREATE TABLE calls(
  id INTEGER PRIMARY KEY AUTOINCREMENT, service_day TEXT NOT NULL, ticket INTEGER NOT NULL REFERENCES tickets(id), number TEXT NOT NULL,
  window_code TEXT NOT NULL REFERENCES windows(code), at_ms INTEGER NOT NULL, times INTEGER NOT NULL);
INSERT INTO "calls" VALUES(1,'2026-11-24',1,'A001','1',1795486140000,1);
INSERT INTO "calls" VALUES(2,'2026-11-24',3,'B001','3',1795486230000,1);
INSERT INTO "calls" VALUES(3,'2026-11-24',3,'B001','3',1795486260000,2);
INSERT INTO "calls" VALUES(4,'2026-11-24',3,'B001','3',1795486290000,3);
INSERT INTO "calls" VALUES(5,'2026-11-24',2,'A002','1',1795486350000,1);
CREATE TABLE complaints(
  id INTEGER PRIMARY KEY AUTOINCREMENT, enquiry INTEGER NOT NULL UNIQUE REFERENCES enquiries(id), opened_ms INTEGER NOT NULL,
  state TEXT NOT NULL);
CREATE TABLE consents(
  id INTEGER PRIMARY KEY AUTOINCREMENT, staff TEXT NOT NULL REFERENCES staff(no), window_code TEXT NOT NULL REFERENCES windows(code),
  side TEXT NOT NULL, given_by TEXT NOT NULL REFERENCES staff(no), from_day TEXT NOT NULL,
  until_day TEXT NOT NULL, given_ms INTEGER NOT NULL, withdrawn_ms INTEGER);
CREATE TABLE days(
  service_day TEXT PRIMARY KEY, closed_ms INTEGER NOT NULL);
CREATE TABLE departments(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0);
INSERT INTO "departments" VALUES('rs',0,'人力资源和社会保障局',0);
INSERT INTO "departments" VALUES('yb',1,'医疗保障局',0);
CREATE TABLE enquiries(
  id INTEGER PRIMARY KEY AUTOINCREMENT, service_day TEXT NOT NULL, opened_ms INTEGER NOT NULL, channel TEXT NOT NULL,
  first_responder TEXT NOT NULL REFERENCES staff(no), window_code TEXT REFERENCES windows(code),
  matter TEXT REFERENCES matters(code), about TEXT, visitor_name TEXT, visitor_phone TEXT,
  ticket INTEGER REFERENCES tickets(id), state TEXT NOT NULL, outcome TEXT,
  owner TEXT NOT NULL REFERENCES staff(no), replied_ms INTEGER, reply TEXT, handed_out TEXT);
INSERT INTO "enquiries" VALUES(1,'2026-11-24',1795486020000,'in_person','2001',NULL,'rs-001','社会保险',NULL,NULL,1,'closed','window','1001',NULL,NULL,NULL);
INSERT INTO "enquiries" VALUES(2,'2026-11-24',1795486410000,'in_person','1001','1',NULL,NULL,NULL,NULL,2,'referred','window','1001',NULL,NULL,NULL);
INSERT INTO "enquiries" VALUES(3,'2026-11-24',1795486440000,'phone','2001',NULL,NULL,'社保卡','某某','0000',NULL,'open',NULL,'2001',NULL,NULL,NULL);
CREATE TABLE hall(
  id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
  timezone TEXT NOT NULL, language TEXT NOT NULL, settings TEXT NOT NULL, digest TEXT NOT NULL);
INSERT INTO "hall" VALUES(1,1,'qh','青禾县政务服务中心','Asia/Shanghai','zh_CN','{"weekdays": [1, 2, 3, 4, 5, 6, 7], "spans_min": [[0, 1440]], "calendar": [], "calling": {"calls_before_missed": 3, "requeue_behind": 3, "requeue_times": 1, "undo_s": 60, "flex_mark": 10, "service_min": 6, "accept_min": 10, "announce": "请 {number} 号到 {window} 号窗口办理", "announcements": {}, "announce_times": 2, "priorities": [{"code": "veteran", "name": "军人优先", "head_start_min": 30, "first": false}, {"code": "urgent", "name": "急难优先", "head_start_min": 0, "first": true}]}, "records": {"reply_h": 8, "retention_days": 730, "remedies": "", "contact": ""}, "covering": {"page_min": 5, "pause_min": 15, "empty_min": 30, "half_day_min": 120, "leave_days": 2, "notice_days": 1, "times": 2}, "printer": null, "since": []}','a113124a18aea61b7ddcbfb2253b6c0e8efd71a0f5cde108eca9a5e6f58bc31f');
CREATE TABLE journal(
  id INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT NOT NULL UNIQUE, at_ms INTEGER NOT NULL, service_day TEXT NOT NULL, event TEXT NOT NULL,
  ticket INTEGER REFERENCES tickets(id), number TEXT, window_code TEXT, staff TEXT,
  from_state TEXT, to_state TEXT, note TEXT, before_change TEXT);
INSERT INTO "journal" VALUES(1,'2112f1183e0a5c9ef0845becfcc4961c',1795485900000,'2026-11-24','hall_described',NULL,NULL,NULL,NULL,NULL,NULL,'a113124a18ae',NULL);
INSERT INTO "journal" VALUES(2,'e77d90bb0caf0695e0e87475fca2611a',1795485900000,'2026-11-24','sat',NULL,NULL,'1','1001',NULL,NULL,'A',NULL);
INSERT INTO "journal" VALUES(3,'1da82e9cd886a7609c0163a330617265',1795485930000,'2026-11-24','sat',NULL,NULL,'2','1002',NULL,NULL,'A',NULL);
INSERT INTO "journal" VALUES(4,'285c002b0dc1af89c61c3020b5cf8c4c',1795485960000,'2026-11-24','sat',NULL,NULL,'3','1003',NULL,NULL,'A',NULL);
INSERT INTO "journal" VALUES(5,'8701d87129554524ff71f9ae0c9c27e0',1795485990000,'2026-11-24','sat',NULL,NULL,'5','1005',NULL,NULL,'A',NULL);
INSERT INTO "journal" VALUES(6,'fd52ff67654e17328d4d115880b56b6c',1795486020000,'2026-11-24','issued',1,'A001',NULL,'2001',NULL,'waiting',NULL,NULL);
INSERT INTO "journal" VALUES(7,'fd52ff67654e17328d4d115880b56b6c:enquired',1795486020000,'2026-11-24','enquired',NULL,NULL,NULL,'2001',NULL,NULL,'1',NULL);
INSERT INTO "journal" VALUES(8,'4ee6a11b4e72dfb41af7cf1d4f005f87',1795486050000,'2026-11-24','issued',2,'A002',NULL,NULL,NULL,'waiting',NULL,NULL);
INSERT INTO "journal" VALUES(9,'5e868fa93dc521ddac9aa91348f57401',1795486080000,'2026-11-24','issued',3,'B001',NULL,NULL,NULL,'waiting',NULL,NULL);
INSERT INTO "journal" VALUES(10,'5c296ae544cefb4f46026dfbeba2f403',1795486110000,'2026-11-24','issued',4,'A003',NULL,NULL,NULL,'waiting',NULL,NULL);
INSERT INTO "journal" VALUES(11,'64a4bcbb1521ab1cad395c6eac8e2530',1795486140000,'2026-11-24','called',1,'A001','1','1001','waiting','called',NULL,'["A", "A", "waiting", null, 1795486020000, 0, 0, null, 0, null, null]');
INSERT INTO "journal" VALUES(12,'64a4bcbb1521ab1cad395c6eac8e2530:1',1795486140000,'2026-11-24','accepted',NULL,NULL,NULL,'1001',NULL,NULL,'1',NULL);
INSERT INTO "journal" VALUES(13,'64e6ee94a37f4f4b36ff36efbdc71beb',1795486170000,'2026-11-24','started',1,'A001','1','1001','called','serving',NULL,'["A", "A", "called", "1", 1795486020000, 1, 0, 1795486140000, 0, null, null]');
INSERT INTO "journal" VALUES(14,'6bc0768888a2a5dc66cfaa49d580bec9',1795486200000,'2026-11-24','finished',1,'A001','1','1001','serving','finished','spot','["A", "A", "serving", "1", 1795486020000, 1, 0, 1795486140000, 0, null, null]');
INSERT INTO "journal" VALUES(15,'1b890a8d2ceaaa140ac2e5a645e3078a',1795486230000,'2026-11-24','called',3,'B001','3','1003','waiting','called',NULL,'["B", "B", "waiting", null, 1795484280000, 0, 0, null, 0, null, null]');
INSERT INTO "journal" VALUES(16,'bcf15198c5f20b00cf0d78fde109343a',1795486260000,'2026-11-24','recalled',3,'B001','3','1003','called','called',NULL,'["B", "B", "called", "3", 1795484280000, 1, 0, 1795486230000, 0, null, null]');
INSERT INTO "journal" VALUES(17,'d8303b70f1d89f3b90d931971e78a9eb',1795486290000,'2026-11-24','recalled',3,'B001','3','1003','called','called',NULL,'["B", "B", "called", "3", 1795484280000, 2, 0, 1795486230000, 0, null, null]');
INSERT INTO "journal" VALUES(18,'bff9baad831f1830948acc891fd955cc',1795486320000,'2026-11-24','missed',3,'B001','3','1003','called','missed',NULL,'["B", "B", "called", "3", 1795484280000, 3, 0, 1795486230000, 0, null, null]');
INSERT INTO "journal" VALUES(19,'094fa109898794a16fd8d52731b7b35d',1795486350000,'2026-11-24','called',2,'A002','1','1001','waiting','called',NULL,'["A", "A", "waiting", null, 1795486050000, 0, 0, null, 0, null, null]');
INSERT INTO "journal" VALUES(20,'e4bbd87007489fff802fc771ee332920',1795486380000,'2026-11-24','started',2,'A002','1','1001','called','serving',NULL,'["A", "A", "called", "1", 1795486050000, 1, 0, 1795486350000, 0, null, null]');
INSERT INTO "journal" VALUES(21,'eda4e91cb9d0a5a52044cd0f27882b5a',1795486410000,'2026-11-24','transferred',2,'A002','1','1001','serving','waiting',NULL,'["A", "A", "serving", "1", 1795486050000, 1, 0, 1795486350000, 0, null, null]');
INSERT INTO "journal" VALUES(22,'eda4e91cb9d0a5a52044cd0f27882b5a:enquired',1795486410000,'2026-11-24','enquired',NULL,NULL,'1','1001',NULL,NULL,'2',NULL);
INSERT INTO "journal" VALUES(23,'eda4e91cb9d0a5a52044cd0f27882b5a:referred',1795486410000,'2026-11-24','referred',NULL,NULL,'2','1001',NULL,NULL,'2',NULL);
INSERT INTO "journal" VALUES(24,'78f68617d9fcbd16870116edaa93b61f',1795486440000,'2026-11-24','enquired',NULL,NULL,NULL,'2001',NULL,NULL,'3',NULL);
INSERT INTO "journal" VALUES(25,'a03000ce20d39742b9c686606294cae2',1795486470000,'2026-11-24','left',NULL,NULL,'1','1001',NULL,NULL,'meeting - 1795486470000',NULL);
INSERT INTO "journal" VALUES(26,'page:1:0',1795486470000,'2026-11-24','paged',NULL,NULL,'1','1005',NULL,NULL,'B elsewhere',NULL);
INSERT INTO "journal" VALUES(27,'page:1:1',1795486470000,'2026-11-24','paged',NULL,NULL,'1','4001',NULL,NULL,'lead -',NULL);
CREATE TABLE leaves(
  id INTEGER PRIMARY KEY AUTOINCREMENT, staff TEXT NOT NULL REFERENCES staff(no), from_day TEXT NOT NULL, to_day TEXT NOT NULL,
  reason TEXT NOT NULL, approved_by TEXT NOT NULL REFERENCES staff(no), planned_ms INTEGER NOT NULL,
  cancelled_ms INTEGER);
CREATE TABLE lines(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0, spoken TEXT NOT NULL DEFAULT '[]');
INSERT INTO "lines" VALUES('A',0,'社会保险',0,'[]');
INSERT INTO "lines" VALUES('B',1,'医疗保障',0,'[]');
INSERT INTO "lines" VALUES('C',2,'综合受理',0,'[]');
CREATE TABLE marks(
  id INTEGER PRIMARY KEY AUTOINCREMENT, staff TEXT NOT NULL REFERENCES staff(no), kind TEXT NOT NULL, day TEXT NOT NULL,
  given_by TEXT NOT NULL REFERENCES staff(no), at_ms INTEGER NOT NULL, note TEXT);
CREATE TABLE matters(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL,
  line TEXT NOT NULL REFERENCES lines(code), department TEXT REFERENCES departments(code),
  materials TEXT NOT NULL, steps TEXT NOT NULL,
  limit_days INTEGER NOT NULL, fee TEXT NOT NULL, basis TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0, aliases TEXT NOT NULL DEFAULT '[]', spoken TEXT NOT NULL DEFAULT '[]');
INSERT INTO "matters" VALUES('rs-001',0,'灵活就业人员参保登记','A','rs','[{"name": "居民身份证", "copies": 1, "form": "原件", "issuer": "公安机关"}, {"name": "户口簿", "copies": 1, "form": "复印件", "issuer": "公安机关"}]','受理-审核-办结',5,'不收费','社会保险法第十条',0,'[]','[]');
INSERT INTO "matters" VALUES('rs-002',1,'养老待遇资格认证','A','rs','[]','当场办理',0,'不收费','社会保险法',0,'[]','[]');
INSERT INTO "matters" VALUES('yb-001',2,'异地就医备案','B','yb','[{"name": "居民身份证", "copies": 1, "form": "原件", "issuer": "公安机关"}]','当场办理',0,'不收费','医疗保障条例',0,'[]','[]');
INSERT INTO "matters" VALUES('zh-001',3,'综合咨询登记','C',NULL,'[]','当场办理',0,'不收费','本县规定',0,'[]','[]');
CREATE TABLE meeting_people(
  meeting INTEGER NOT NULL REFERENCES meetings(id), staff TEXT NOT NULL REFERENCES staff(no),
  expected INTEGER NOT NULL, attended INTEGER, PRIMARY KEY (meeting, staff));
CREATE TABLE meetings(
  id INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL, from_min INTEGER NOT NULL, to_min INTEGER NOT NULL, about TEXT,
  planned_by TEXT NOT NULL REFERENCES staff(no), planned_ms INTEGER NOT NULL, held_ms INTEGER, minutes TEXT);
CREATE TABLE notice_numbers(service_day TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE notices(
  id INTEGER PRIMARY KEY AUTOINCREMENT, serial TEXT NOT NULL UNIQUE, service_day TEXT NOT NULL, kind TEXT NOT NULL, form TEXT NOT NULL,
  ticket INTEGER REFERENCES tickets(id), enquiry INTEGER REFERENCES enquiries(id),
  matter TEXT REFERENCES matters(code), missing TEXT NOT NULL, basis TEXT, reason TEXT,
  issued_ms INTEGER NOT NULL, staff TEXT NOT NULL REFERENCES staff(no),
  window_code TEXT REFERENCES windows(code), owner TEXT REFERENCES staff(no), answered_ms INTEGER, answer TEXT);
CREATE TABLE numbers(
  service_day TEXT NOT NULL, line TEXT NOT NULL REFERENCES lines(code), last INTEGER NOT NULL,
  PRIMARY KEY (service_day, line));
INSERT INTO "numbers" VALUES('2026-11-24','A',3);
INSERT INTO "numbers" VALUES('2026-11-24','B',1);
CREATE TABLE pins(
  staff TEXT PRIMARY KEY REFERENCES staff(no), hash TEXT NOT NULL);
CREATE TABLE post_terms(
  id INTEGER PRIMARY KEY AUTOINCREMENT, window_code TEXT NOT NULL REFERENCES windows(code), post TEXT NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(no), from_day TEXT NOT NULL, to_day TEXT);
INSERT INTO "post_terms" VALUES(1,'1','A','1001','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(2,'2','A','1002','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(3,'3','A','1003','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(4,'4','A','1004','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(5,'5','A','1005','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(6,'1','B','1005','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(7,'2','B','1005','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(8,'3','B','1005','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(9,'4','B','1005','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(10,'1','lead','4001','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(11,'2','lead','4001','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(12,'3','lead','4001','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(13,'4','lead','4001','2026-11-24',NULL);
INSERT INTO "post_terms" VALUES(14,'5','lead','4001','2026-11-24',NULL);
CREATE TABLE posts(
  window_code TEXT NOT NULL REFERENCES windows(code), post TEXT NOT NULL,
  staff TEXT NOT NULL REFERENCES staff(no), place INTEGER NOT NULL, retired INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (window_code, post, staff));
INSERT INTO "posts" VALUES('1','A','1001',0,0);
INSERT INTO "posts" VALUES('2','A','1002',1,0);
INSERT INTO "posts" VALUES('3','A','1003',2,0);
INSERT INTO "posts" VALUES('4','A','1004',3,0);
INSERT INTO "posts" VALUES('5','A','1005',4,0);
INSERT INTO "posts" VALUES('1','B','1005',5,0);
INSERT INTO "posts" VALUES('2','B','1005',6,0);
INSERT INTO "posts" VALUES('3','B','1005',7,0);
INSERT INTO "posts" VALUES('4','B','1005',8,0);
INSERT INTO "posts" VALUES('1','lead','4001',9,0);
INSERT INTO "posts" VALUES('2','lead','4001',10,0);
INSERT INTO "posts" VALUES('3','lead','4001',11,0);
INSERT INTO "posts" VALUES('4','lead','4001',12,0);
INSERT INTO "posts" VALUES('5','lead','4001',13,0);
CREATE TABLE referrals(
  id INTEGER PRIMARY KEY AUTOINCREMENT, enquiry INTEGER NOT NULL REFERENCES enquiries(id), outcome TEXT NOT NULL, at_ms INTEGER NOT NULL,
  from_staff TEXT NOT NULL REFERENCES staff(no), from_window TEXT REFERENCES windows(code),
  to_window TEXT REFERENCES windows(code), to_staff TEXT REFERENCES staff(no),
  to_agency TEXT REFERENCES agencies(code), note TEXT, reason TEXT,
  accepted_ms INTEGER, accepted_by TEXT REFERENCES staff(no), to_line TEXT REFERENCES lines(code), contacted INTEGER NOT NULL DEFAULT 0, is_bounce INTEGER NOT NULL DEFAULT 0);
INSERT INTO "referrals" VALUES(1,1,'window',1795486020000,'2001',NULL,NULL,NULL,NULL,NULL,NULL,1795486140000,'1001','A',0,0);
INSERT INTO "referrals" VALUES(2,2,'window',1795486410000,'1001','1','2',NULL,NULL,'材料在二窗','材料在二窗',NULL,NULL,NULL,0,0);
CREATE TABLE remarks(op TEXT PRIMARY KEY, service_day TEXT NOT NULL, text TEXT NOT NULL);
INSERT INTO "remarks" VALUES('eda4e91cb9d0a5a52044cd0f27882b5a','2026-11-24','材料在二窗');
CREATE TABLE "schema_migration" ("id" INTEGER NOT NULL PRIMARY KEY, "name" VARCHAR(255) NOT NULL, "applied" DATETIME NOT NULL);
INSERT INTO "schema_migration" VALUES(1,'0001_the_floor','2026-11-27 12:17:11.182006');
INSERT INTO "schema_migration" VALUES(2,'0002_what_people_say','2026-11-27 12:17:11.190704');
INSERT INTO "schema_migration" VALUES(3,'0003_enquiries','2026-11-27 12:17:11.198081');
INSERT INTO "schema_migration" VALUES(4,'0004_notices','2026-11-27 12:17:11.206943');
INSERT INTO "schema_migration" VALUES(5,'0005_posts_and_absence','2026-11-27 12:17:11.214402');
INSERT INTO "schema_migration" VALUES(6,'0006_slips','2026-11-27 12:17:11.221388');
CREATE TABLE seats(
  id INTEGER PRIMARY KEY AUTOINCREMENT, service_day TEXT NOT NULL, window_code TEXT NOT NULL REFERENCES windows(code),
  staff TEXT NOT NULL REFERENCES staff(no), post TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER,
  paused_ms INTEGER, reason TEXT, back_ms INTEGER, beat_ms INTEGER);
INSERT INTO "seats" VALUES(1,'2026-11-24','1','1001','A',1795485900000,1795486470000,NULL,'meeting',1795489200000,NULL);
INSERT INTO "seats" VALUES(2,'2026-11-24','2','1002','A',1795485930000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "seats" VALUES(3,'2026-11-24','3','1003','A',1795485960000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "seats" VALUES(4,'2026-11-24','5','1005','A',1795485990000,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE slips(
  id INTEGER PRIMARY KEY AUTOINCREMENT, ticket INTEGER NOT NULL REFERENCES tickets(id), service_day TEXT NOT NULL, again INTEGER NOT NULL,
  created_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, claimed_ms INTEGER, printed_ms INTEGER, failed_ms INTEGER,
  error TEXT);
CREATE TABLE staff(
  no TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL,
  department TEXT REFERENCES departments(code), role TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0);
INSERT INTO "staff" VALUES('1001',0,'赵一','rs','counter',0);
INSERT INTO "staff" VALUES('1002',1,'钱二','rs','counter',0);
INSERT INTO "staff" VALUES('1003',2,'孙三','yb','counter',0);
INSERT INTO "staff" VALUES('1004',3,'李四','rs','counter',0);
INSERT INTO "staff" VALUES('1005',4,'周五','rs','counter',0);
INSERT INTO "staff" VALUES('2001',5,'吴引','rs','guide',0);
INSERT INTO "staff" VALUES('3001',6,'郑督','rs','supervision',0);
INSERT INTO "staff" VALUES('4001',7,'王管','rs','manager',0);
CREATE TABLE tickets(
  id INTEGER PRIMARY KEY AUTOINCREMENT, service_day TEXT NOT NULL, number TEXT NOT NULL, line TEXT NOT NULL REFERENCES lines(code),
  queue TEXT NOT NULL, matter TEXT REFERENCES matters(code), priority TEXT NOT NULL,
  checked_by TEXT REFERENCES staff(no), state TEXT NOT NULL, window_code TEXT REFERENCES windows(code),
  place_ms INTEGER NOT NULL, calls INTEGER NOT NULL, requeues INTEGER NOT NULL, issued_ms INTEGER NOT NULL,
  at_window_ms INTEGER, occupied_ms INTEGER NOT NULL, ended_ms INTEGER, kind TEXT, estimate_s INTEGER,
  UNIQUE (service_day, number));
INSERT INTO "tickets" VALUES(1,'2026-11-24','A001','A','A','rs-001','normal',NULL,'finished','1',1795486020000,1,0,1795486020000,NULL,60000,1795486200000,'spot',NULL);
INSERT INTO "tickets" VALUES(2,'2026-11-24','A002','A','@2',NULL,'normal',NULL,'waiting',NULL,1795486050000,0,0,1795486050000,NULL,60000,NULL,NULL,NULL);
INSERT INTO "tickets" VALUES(3,'2026-11-24','B001','B','B',NULL,'veteran',NULL,'missed',NULL,1795484280000,3,0,1795486080000,NULL,90000,1795486320000,NULL,NULL);
INSERT INTO "tickets" VALUES(4,'2026-11-24','A003','A','A',NULL,'normal',NULL,'waiting',NULL,1795486110000,0,0,1795486110000,NULL,0,NULL,NULL,NULL);
CREATE TABLE window_lines(
  window_code TEXT NOT NULL REFERENCES windows(code), line TEXT NOT NULL REFERENCES lines(code),
  place INTEGER NOT NULL, flex INTEGER NOT NULL, retired INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (window_code, line));
INSERT INTO "window_lines" VALUES('1','A',0,0,0);
INSERT INTO "window_lines" VALUES('2','A',1,0,0);
INSERT INTO "window_lines" VALUES('3','B',2,0,0);
INSERT INTO "window_lines" VALUES('4','C',3,0,0);
INSERT INTO "window_lines" VALUES('4','B',4,0,0);
INSERT INTO "window_lines" VALUES('3','A',5,1,0);
CREATE TABLE windows(
  code TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  department TEXT REFERENCES departments(code), retired INTEGER NOT NULL DEFAULT 0);
INSERT INTO "windows" VALUES('1',0,'社保一窗','handling','rs',0);
INSERT INTO "windows" VALUES('2',1,'社保二窗','handling','rs',0);
INSERT INTO "windows" VALUES('3',2,'医保一窗','handling','yb',0);
INSERT INTO "windows" VALUES('4',3,'综合窗口','reception','rs',0);
INSERT INTO "windows" VALUES('5',4,'咨询台','desk','rs',0);
CREATE UNIQUE INDEX "schema_migration_name" ON "schema_migration" ("name");
CREATE INDEX tickets_waiting ON tickets(service_day, queue, place_ms, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX tickets_at_window ON tickets(service_day, window_code)
  WHERE state IN ('called', 'serving');
CREATE INDEX tickets_open ON tickets(service_day)
  WHERE state IN ('waiting', 'called', 'serving', 'held', 'missed');
CREATE INDEX tickets_lately ON tickets(ended_ms) WHERE state IN ('finished', 'missed');
CREATE INDEX calls_of_day ON calls(service_day, id);
CREATE INDEX seats_of_day ON seats(service_day, id);
CREATE UNIQUE INDEX seats_window ON seats(service_day, window_code) WHERE to_ms IS NULL;
CREATE UNIQUE INDEX seats_staff ON seats(service_day, staff) WHERE to_ms IS NULL;
CREATE INDEX journal_of_ticket ON journal(ticket, id);
CREATE TRIGGER journal_kept_UPDATE BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
CREATE TRIGGER journal_kept_DELETE BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only ever added to'); END;
CREATE INDEX enquiries_owed ON enquiries(owner, id) WHERE state <> 'closed';
CREATE INDEX enquiries_of_ticket ON enquiries(ticket, id);
CREATE INDEX referrals_of_enquiry ON referrals(enquiry, id)
;
CREATE TRIGGER first_responder_stays BEFORE UPDATE OF first_responder ON enquiries BEGIN SELECT RAISE(ABORT, 'the first responder never changes'); END;
CREATE INDEX notices_of_ticket ON notices(ticket);
CREATE INDEX notices_of_enquiry ON notices(enquiry);
CREATE INDEX notices_owed ON notices(owner, id) WHERE owner IS NOT NULL AND answered_ms IS NULL;
CREATE INDEX enquiries_of_day ON enquiries(service_day, id);
CREATE INDEX enquiries_of_caller ON enquiries(visitor_phone, matter) WHERE visitor_phone IS NOT NULL;
CREATE UNIQUE INDEX post_terms_now ON post_terms(window_code, post, staff) WHERE to_day IS NULL;
CREATE INDEX absences_of_day ON absences(service_day, id);
CREATE UNIQUE INDEX absences_open ON absences(window_code, staff) WHERE to_ms IS NULL;
CREATE INDEX leaves_by_days ON leaves(to_day, from_day);
CREATE INDEX consents_of ON consents(window_code, staff);
CREATE INDEX meetings_by_day ON meetings(day, id);
CREATE INDEX marks_of_staff ON marks(staff, kind)
;
CREATE INDEX slips_of_day ON slips(service_day, printed_ms, id)
;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('post_terms',14);
INSERT INTO "sqlite_sequence" VALUES('journal',27);
INSERT INTO "sqlite_sequence" VALUES('seats',4);
INSERT INTO "sqlite_sequence" VALUES('tickets',4);
INSERT INTO "sqlite_sequence" VALUES('enquiries',3);
INSERT INTO "sqlite_sequence" VALUES('referrals',2);
INSERT INTO "sqlite_sequence" VALUES('calls',5);
INSERT INTO "sqlite_sequence" VALUES('absences',1);
INSERT INTO "sqlite_sequence" VALUES('attempts',2);
COMMIT;
