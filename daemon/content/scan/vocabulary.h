/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vocabulary: the words that mean something beside a number or on a document. W(class, text in UTF-8)
 *
 * Latin letters match in either case. Sources: the Ministry's guideline for municipal information security (機密性
 * classes), the Resident Registry and My Number acts, names of columns in 中間標準レイアウト.
 */
#ifndef DAEMON_CONTENT_SCAN_VOCABULARY_H
#define DAEMON_CONTENT_SCAN_VOCABULARY_H

#define VOCABULARY(W) \
	W(MY_NUMBER, "個人番号") W(MY_NUMBER, "マイナンバー") W(MY_NUMBER, "My Number") \
	W(MY_NUMBER, "MyNumber") W(MY_NUMBER, "特定個人情報") W(MY_NUMBER, "個人番号カード") \
	W(MY_NUMBER, "通知カード") W(MY_NUMBER, "ﾏｲﾅﾝﾊﾞｰ") \
	W(RESIDENT_CODE, "住民票コード") W(RESIDENT_CODE, "住民票ｺｰﾄﾞ") W(RESIDENT_CODE, "住基コード") \
	W(LICENCE, "免許証") W(LICENCE, "免許番号") W(PENSION, "基礎年金番号") W(PENSION, "年金番号") \
	W(CORPORATE, "法人番号") W(CORPORATE, "会社法人等番号") \
	W(OTHER_NUMBER, "電話") W(OTHER_NUMBER, "TEL") W(OTHER_NUMBER, "FAX") W(OTHER_NUMBER, "携帯") \
	W(OTHER_NUMBER, "注文番号") W(OTHER_NUMBER, "受付番号") W(OTHER_NUMBER, "伝票番号") \
	W(OTHER_NUMBER, "お問い合わせ番号") W(OTHER_NUMBER, "追跡番号") W(OTHER_NUMBER, "口座番号") \
	W(OTHER_NUMBER, "請求番号") W(OTHER_NUMBER, "契約番号") W(OTHER_NUMBER, "会員番号") \
	W(OTHER_NUMBER, "商品コード") W(OTHER_NUMBER, "JAN") W(OTHER_NUMBER, "ISBN") \
	W(OTHER_NUMBER, "登録番号") W(OTHER_NUMBER, "管理番号") W(OTHER_NUMBER, "製造番号") \
	W(NAME, "氏名") W(NAME, "お名前") W(NAME, "フリガナ") W(NAME, "ふりがな") W(NAME, "カナ氏名") \
	W(ADDRESS, "住所") W(ADDRESS, "居所") W(ADDRESS, "本籍") W(ADDRESS, "方書") \
	W(BIRTH, "生年月日") W(BIRTH, "誕生日") W(RELATION, "続柄") W(RELATION, "筆頭者") \
	W(HOUSEHOLD, "世帯主") W(HOUSEHOLD, "世帯番号") W(HOUSEHOLD, "宛名番号") W(HOUSEHOLD, "世帯員") \
	W(RESIDENT, "住民票") W(RESIDENT, "賦課") W(RESIDENT, "滞納") W(RESIDENT, "生活保護") \
	W(RESIDENT, "要介護") W(RESIDENT, "障害者手帳") W(RESIDENT, "支援措置") \
	W(SECRET, "自治体機密性3A") W(SECRET, "自治体機密性3B") W(SECRET, "自治体機密性3C") \
	W(SECRET, "自治体機密性３Ａ") W(SECRET, "自治体機密性３Ｂ") W(SECRET, "自治体機密性３Ｃ") \
	W(SECRET, "機密性3") W(SECRET, "機密性３") W(SECRET, "極秘") W(SECRET, "㊙") W(SECRET, "秘密文書") \
	W(SECRET, "部外秘") W(SECRET, "庁外秘") W(SECRET, "持出禁止") W(SECRET, "持ち出し禁止") \
	W(SECRET, "時限秘") W(CAUTION, "取扱注意") W(CAUTION, "関係者限り")

#endif
