/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * signatures: every alert there is. S(number, detector, reason, blocked, severity, English, Japanese)
 *
 * 17xxxxx lies in the range that Suricata leaves to local rules. A number is never used again for something
 * else. An entry without a reason stands for its detector's reasons that have no entry of their own; odd is
 * blocked, even is allowed.
 */
#ifndef DAEMON_RECORD_SIGNATURES_H
#define DAEMON_RECORD_SIGNATURES_H

#define SIGNATURES(S) \
	S(1001, SEGMENTATION, NONE, true, 3, "Refused at a zone boundary", "区画の境界で拒否") \
	S(1000, SEGMENTATION, NONE, false, 3, "Passed a zone boundary under observation", \
	  "観察中の境界を通過") \
	S(1011, SEGMENTATION, NOT_PERMITTED, true, 3, "Refused, no permit", \
	  "許可のない通信を拒否") \
	S(1013, SEGMENTATION, DENIED, true, 3, "Refused by an explicit deny", \
	  "明示の禁止により拒否") \
	S(1012, SEGMENTATION, DENIED, false, 3, "Matches an explicit deny, observed", \
	  "明示の禁止に該当(観察)") \
	S(1015, SEGMENTATION, SPOOFED_ADDRESS, true, 2, "Source address does not belong to its zone", \
	  "区画に属さない送信元アドレス(詐称)を拒否") \
	S(1017, SEGMENTATION, WRONG_MAC, true, 2, "Source address used from another MAC address", \
	  "登録と異なるMACアドレスからの通信を拒否") \
	S(1019, SEGMENTATION, INVALID, true, 3, "Refused, packet fits no connection state", \
	  "接続の状態に合わないパケットを拒否") \
	S(1021, SEGMENTATION, ENDED, true, 3, "Refused, the permit has ended", \
	  "期限の終わった許可による通信を拒否") \
	S(1023, SEGMENTATION, MIDSTREAM, true, 3, "Refused, connection began unseen", \
	  "開始を確認できない接続を拒否") \
	S(1022, SEGMENTATION, MIDSTREAM, false, 3, "Connection began unseen, passed", \
	  "開始を確認できない接続を通過") \
	S(1025, SEGMENTATION, RESTART, true, 3, "Connection from before a restart closed", \
	  "再起動前からの接続を切断") \
	S(1024, SEGMENTATION, RESTART, false, 3, "Connection from before a restart passed", \
	  "再起動前からの接続を通過") \
	S(1027, SEGMENTATION, RELATED, true, 3, "ICMP error that fits no connection refused", \
	  "接続に合わないICMPエラーを拒否") \
	S(1028, SEGMENTATION, OBSERVED, false, 3, "Would be refused, observed", \
	  "拒否対象の通信(観察中のため通過)") \
	S(1031, SEGMENTATION, KERNEL_DIFFERS, true, 1, "Kernel ruleset and policy disagree", \
	  "カーネルの規則と方針が一致しない通信を拒否") \
	S(1033, SEGMENTATION, POLICY_CHANGE, true, 3, "Connection closed by a policy change", \
	  "方針の変更により接続を切断") \
	S(2001, APPLICATION, NONE, true, 2, "Application blocked", "アプリケーションを遮断") \
	S(2000, APPLICATION, NONE, false, 2, "Application noticed", "アプリケーションを検知") \
	S(2011, APPLICATION, APPLICATION, true, 2, "Another application than permitted, blocked", \
	  "許可と異なるアプリケーションを遮断") \
	S(2010, APPLICATION, APPLICATION, false, 2, "Another application than permitted", \
	  "許可と異なるアプリケーションを検知") \
	S(2013, APPLICATION, UNKNOWN_APPLICATION, true, 2, "Unknown application blocked", \
	  "判別できないアプリケーションを遮断") \
	S(2012, APPLICATION, UNKNOWN_APPLICATION, false, 3, "Unknown application", \
	  "判別できないアプリケーションを検知") \
	S(2015, APPLICATION, DENIED, true, 2, "Denied application blocked", \
	  "禁止されたアプリケーションを遮断") \
	S(2014, APPLICATION, DENIED, false, 2, "Denied application", \
	  "禁止されたアプリケーションを検知") \
	S(3001, NAME, NONE, true, 2, "Name blocked", "接続先の名前により遮断") \
	S(3000, NAME, NONE, false, 2, "Name noticed", "接続先の名前を検知") \
	S(3011, NAME, NAME, true, 2, "Another name than permitted, blocked", \
	  "許可のない接続先名を遮断") \
	S(3010, NAME, NAME, false, 2, "Another name than permitted", "許可のない接続先名を検知") \
	S(3013, NAME, NO_NAME, true, 2, "No readable name, blocked", \
	  "接続先名を確認できない通信を遮断") \
	S(3012, NAME, NO_NAME, false, 2, "No readable name", "接続先名を確認できない通信を検知") \
	S(3015, NAME, DENIED, true, 2, "Denied name blocked", "禁止された接続先名を遮断") \
	S(3014, NAME, DENIED, false, 2, "Denied name", "禁止された接続先名を検知") \
	S(4001, MY_NUMBER, NONE, true, 1, "Individual number blocked", \
	  "マイナンバーの持ち出しを遮断") \
	S(4000, MY_NUMBER, NONE, false, 1, "Individual number left", "マイナンバーの通過を検知") \
	S(4010, MY_NUMBER, SLOW, false, 1, "Individual numbers leave one at a time", \
	  "マイナンバーが少しずつ流出している疑い") \
	S(4101, RESIDENT_CODE, NONE, true, 1, "Resident code blocked", \
	  "住民票コードの持ち出しを遮断") \
	S(4100, RESIDENT_CODE, NONE, false, 1, "Resident code left", "住民票コードの通過を検知") \
	S(4201, RECORD, NONE, true, 1, "Resident records blocked", "住民情報の持ち出しを遮断") \
	S(4200, RECORD, NONE, false, 1, "Resident records left", "住民情報の通過を検知") \
	S(4301, LABEL, NONE, true, 2, "Labelled document blocked", "秘密区分のある文書を遮断") \
	S(4300, LABEL, NONE, false, 2, "Labelled document left", "秘密区分のある文書の通過を検知") \
	S(4401, REGISTER, NONE, true, 1, "Number of the register blocked", "台帳にある番号を遮断") \
	S(4400, REGISTER, NONE, false, 1, "Number of the register left", \
	  "台帳にある番号の通過を検知") \
	S(4501, UNINSPECTABLE, NONE, true, 3, "Content cannot be inspected, blocked", \
	  "検査できない内容を遮断") \
	S(4500, UNINSPECTABLE, NONE, false, 3, "Content cannot be inspected", \
	  "検査できない内容が通過") \
	S(5001, DNS_TUNNEL, NONE, true, 1, "DNS tunnel blocked", "DNSトンネルを遮断") \
	S(5000, DNS_TUNNEL, NONE, false, 1, "DNS tunnel", "DNSトンネルの疑い") \
	S(5010, DNS_TUNNEL, NO_NAME, false, 2, "Burst of names that do not exist", \
	  "存在しない名前の集中照会") \
	S(5101, ICMP_TUNNEL, NONE, true, 1, "ICMP tunnel blocked", "ICMPトンネルを遮断") \
	S(5100, ICMP_TUNNEL, NONE, false, 1, "ICMP tunnel", "ICMPトンネルの疑い") \
	S(5201, BEACON, NONE, true, 2, "Beacon blocked", "定期通信(ビーコン)を遮断") \
	S(5200, BEACON, NONE, false, 2, "Beacon", "定期通信(ビーコン)の疑い") \
	S(5301, UPLOAD, NONE, true, 2, "Upload blocked", "アップロードを遮断") \
	S(5300, UPLOAD, NONE, false, 2, "Upload", "アップロードを検知") \
	S(5303, UPLOAD, DIRECTION, true, 2, "Upload where only download is permitted, blocked", \
	  "ダウンロードのみの許可でのアップロードを遮断") \
	S(5302, UPLOAD, DIRECTION, false, 2, "Transfer against the permitted direction", \
	  "許可と逆方向の転送を検知") \
	S(5306, UPLOAD, LIMIT, false, 2, "Upload limit of the profile reached", \
	  "アップロードの上限に到達") \
	S(5305, UPLOAD, FILE, true, 2, "File sent outward, blocked", "ファイルの持ち出しを遮断") \
	S(5304, UPLOAD, FILE, false, 3, "File sent outward", "ファイルの持ち出しを検知") \
	S(5401, LONG_CONNECTION, NONE, true, 2, "Long connection closed", "長時間の接続を切断") \
	S(5400, LONG_CONNECTION, NONE, false, 2, "Long connection", "長時間の接続を検知") \
	S(5501, SCAN, NONE, true, 2, "Scan refused", "探索行為(スキャン)を拒否") \
	S(5500, SCAN, NONE, false, 2, "Scan", "探索行為(スキャン)の疑い") \
	S(5601, FEED, NONE, true, 1, "Known bad destination blocked", "脅威情報にある宛先を遮断") \
	S(5600, FEED, NONE, false, 1, "Known bad destination", "脅威情報にある宛先との通信を検知") \
	S(6001, PROTOCOL, NONE, true, 2, "Protocol broken on purpose, blocked", \
	  "規格に反する通信を遮断") \
	S(6000, PROTOCOL, NONE, false, 3, "Protocol broken", "規格に反する通信を検知") \
	S(6011, PROTOCOL, NOT_PERMITTED, true, 2, "FTP data connection that no control connection announced", \
	  "制御接続で予告のないFTPデータ接続を遮断") \
	S(6013, PROTOCOL, UNDECODABLE, true, 3, "Undecodable packet refused", \
	  "解読できないパケットを拒否") \
	S(6012, PROTOCOL, UNDECODABLE, false, 3, "Undecodable packet", \
	  "解読できないパケットが通過") \
	S(6015, PROTOCOL, RETRANSMIT, true, 2, "Retransmission with other bytes refused", \
	  "内容の異なる再送を拒否") \
	S(6017, PROTOCOL, MEMORY, true, 3, "Too many bytes out of order, refused", \
	  "順序の乱れが限度を超えた通信を拒否") \
	S(6019, PROTOCOL, NO_NAME, true, 2, "Unreadable request blocked", \
	  "読み取れない要求を遮断") \
	S(6018, PROTOCOL, NO_NAME, false, 3, "Unreadable request", "読み取れない要求が通過") \
	S(6020, PROTOCOL, APPLICATION, false, 2, "No TLS inside a proxy tunnel", \
	  "プロキシのトンネル内がTLSではない通信を検知") \
	S(6021, PROTOCOL, STARTTLS, true, 3, "Switch to encryption refused", \
	  "暗号化への切替え(STARTTLS)を拒否") \
	S(7000, ASSET, NONE, false, 2, "Terminal not in the ledger", "台帳にない端末") \
	S(7001, ASSET, NONE, true, 2, "Terminal not in the ledger refused", \
	  "台帳にない端末を拒否") \
	S(8000, DRIFT, NONE, false, 1, "Kernel ruleset is not the policy's", \
	  "カーネルの規則が方針と異なる") \
	S(8002, DRIFT, FOREIGN_CHANGE, false, 1, "Kernel ruleset changed by another program", \
	  "カーネルの規則を他のプログラムが変更") \
	S(8004, DRIFT, SETTING_CHANGE, false, 2, "Kernel setting or interface changed", \
	  "カーネルの設定またはインターフェースの変更") \
	S(8010, DRIFT, PLUGS, false, 1, "Two network plugs look exchanged", \
	  "LANケーブルの差し違えの疑い") \
	S(8100, FAIL_STATE, NONE, false, 1, "Fail state changed", "縮退状態の変化") \
	S(8101, FAIL_STATE, NONE, true, 1, "Packets refused in a fail state", \
	  "縮退状態のため通信を拒否") \
	S(8110, FAIL_STATE, OVERLOAD, false, 2, "Overloaded, packets passed uninspected", \
	  "過負荷のため未検査で通過") \
	S(8111, FAIL_STATE, OVERLOAD, true, 1, "Overloaded, packets refused", \
	  "過負荷のため通信を拒否") \
	S(8112, FAIL_STATE, NO_INSPECTOR, false, 2, "No inspector, packets passed uninspected", \
	  "検査機能の停止中に未検査で通過") \
	S(8113, FAIL_STATE, NO_INSPECTOR, true, 1, "No inspector, packets refused", \
	  "検査機能の停止中のため通信を拒否") \
	S(8114, FAIL_STATE, TABLE_FULL, false, 2, "Flow table full", "フロー表が満杯") \
	S(8118, FAIL_STATE, CLOCK, false, 3, "Clock not trusted: nothing opens or closes by date", \
	  "時計を信用できないため期日による開閉を停止") \
	S(8116, FAIL_STATE, PROCESS_ENDED, false, 1, "A process of ours ended", \
	  "構成プロセスが停止") \
	S(8200, LOSS, NONE, false, 1, "Packets or records lost", "パケットまたは記録の欠落") \
	S(9000, ADMIN, NONE, false, 3, "Administration", "管理操作") \
	S(9010, ADMIN, APPLY, false, 3, "Policy applied", "方針を適用") \
	S(9012, ADMIN, START, false, 3, "Started", "起動") \
	S(9014, ADMIN, STOP, false, 3, "Stopped", "停止") \
	S(9040, ADMIN, ENDING, false, 3, "The end of a permit comes near", "許可の期限が近い") \
	S(9042, ADMIN, ENDED, false, 3, "A permit has ended", "許可の期限が過ぎた") \
	S(9044, ADMIN, REVIEW, false, 3, "A permit is to be reviewed", "許可の見直しの時期") \
	S(9017, ADMIN, REFUSED_REQUEST, true, 2, "Control request refused", "制御要求を拒否") \
	S(9018, ADMIN, CONFIRM, false, 3, "Policy confirmed", "方針を確認") \
	S(9020, ADMIN, ROLLBACK, false, 2, "Policy taken back", "方針を以前のものに戻した") \
	S(9022, ADMIN, UNCONFIRMED, false, 2, "Policy not confirmed in time, the one before is back", \
	  "方針が時間内に確認されず、以前のものに戻った") \
	S(9024, ADMIN, WAITING, false, 2, "A change waits for a second person", "変更が別の人の承認待ち") \
	S(9026, ADMIN, APPROVE, false, 3, "Change approved by a second person", "変更を別の人が承認") \
	S(9027, ADMIN, APPROVE, true, 2, "Approval refused", "承認を拒否") \
	S(9028, ADMIN, OVERRIDE, false, 1, "Change without its second person", \
	  "別の人の承認なしで変更を強行") \
	S(9030, ADMIN, EMERGENCY, false, 1, "Emergency measure at the console", "緊急措置を実施")

#endif
