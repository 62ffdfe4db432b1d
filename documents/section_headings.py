"""Section headings of résumés, as people write them in thirteen languages, and what JSON Resume calls the sections."""

import re

from domain.core.source_text import fold

SECTIONS = (
    "basics", "work", "volunteer", "education", "awards", "certificates", "publications", "skills", "languages",
    "interests", "references", "projects",
)  # fmt: skip
"""The sections of JSON Resume, in its order."""

_HEADINGS: dict[str, tuple[str, ...]] = {
    "basics": (
        "summary|professional summary|executive summary|profile|about|about me|objective|contact|contact details",
        "personal details|personal information|career objective|career summary",
        "perfil|perfil profesional|resumen|resumen profesional|sobre mí|objetivo|objetivo profesional|contacto"
        "|datos personales|datos de contacto|información personal",
        "profil|profil professionnel|résumé|à propos|à propos de moi|objectif|contact|coordonnées"
        "|informations personnelles|état civil",
        "kurzprofil|zusammenfassung|über mich|zur person|kontakt|kontaktdaten|persönliche daten|persönliche angaben"
        "|angaben zur person|berufsziel",
        "perfil profissional|resumo|resumo profissional|sobre mim|objetivo profissional|contato|contatos|contactos"
        "|dados pessoais|informações pessoais",
        "profilo|profilo professionale|chi sono|sintesi|sommario|obiettivo|contatti|dati personali"
        "|informazioni personali",
        "profiel|samenvatting|over mij|persoonlijk profiel|doel|contactgegevens|persoonlijke gegevens|persoonsgegevens",
        "个人简介|个人信息|基本信息|自我评价|个人总结|联系方式|求职意向|職涯目標|個人簡介|個人資料|自我評價|聯絡方式",
        "osobní údaje|o mně|profil|kontakt|shrnutí",
        "dane osobowe|o mnie|podsumowanie|podsumowanie zawodowe|cel zawodowy",
        "プロフィール|自己紹介|自己pr|職務要約|基本情報|連絡先",
        "פרטים אישיים|אודות|אודותיי|תמצית|פרופיל|יצירת קשר|פרטי קשר",
        "البيانات الشخصية|المعلومات الشخصية|نبذة|نبذة عني|الملخص|الملخص المهني|الهدف الوظيفي|معلومات الاتصال",
    ),
    "work": (
        "experience|work experience|professional experience|relevant experience|employment|employment history"
        "|work history|career history|career",
        "experiencia|experiencia laboral|experiencia profesional|trayectoria|trayectoria profesional|historial laboral",
        "expérience|expériences|expérience professionnelle|expériences professionnelles|parcours professionnel|emplois",
        "berufserfahrung|berufserfahrungen|beruflicher werdegang|werdegang|berufspraxis|praxiserfahrung|tätigkeiten"
        "|praktische erfahrung|beruflicher hintergrund",
        "experiência|experiências|experiência profissional|experiências profissionais|histórico profissional"
        "|percurso profissional|trajetória profissional",
        "esperienza|esperienze|esperienza professionale|esperienze professionali|esperienza lavorativa"
        "|esperienze lavorative|carriera",
        "ervaring|werkervaring|relevante werkervaring|loopbaan|arbeidsverleden|beroepservaring",
        "工作经历|工作经验|职业经历|从业经历|实习经历|工作經歷|工作經驗|職業經歷|實習經歷",
        "zkušenosti|pracovní zkušenosti|praxe|pracovní praxe|zaměstnání",
        "doświadczenie|doświadczenie zawodowe|przebieg kariery|historia zatrudnienia",
        "職歴|職務経歴|職務経験|経歴",
        "ניסיון|ניסיון תעסוקתי|ניסיון מקצועי|ניסיון בעבודה|תעסוקה",
        "الخبرة|الخبرات|الخبرة العملية|الخبرات العملية|الخبرة المهنية|الخبرات المهنية",
    ),
    "volunteer": (
        "volunteering|volunteer work|volunteer experience|community",
        "voluntariado|bénévolat|ehrenamt|ehrenamtliches engagement|engagement|trabalho voluntário|volontariato",
        "vrijwilligerswerk|志愿者经历|志愿服务|志願服務|社会活动|dobrovolnictví|wolontariat|ボランティア活動",
        "התנדבות|פעילות התנדבותית|التطوع|العمل التطوعي",
    ),
    "education": (
        "education|school|studies|education and training|academic background|training|qualifications",
        "educación|formación|formación académica|estudios|formación complementaria",
        "formation|formations|études|éducation|diplômes|formation académique|cursus|parcours scolaire",
        "ausbildung|bildung|bildungsweg|studium|schulbildung|akademischer werdegang|hochschulbildung"
        "|aus- und weiterbildung|weiterbildung|weiterbildungen|ausbildung und studium",
        "educação|formação|formação acadêmica|formação académica|escolaridade|habilitações literárias|estudos",
        "istruzione|formazione|istruzione e formazione|titoli di studio|studi|percorso formativo",
        "opleiding|opleidingen|onderwijs|scholing|cursussen|opleidingen en cursussen",
        "教育背景|教育经历|学历|学习经历|教育經歷|教育程度|學歷|培训经历",
        "vzdělání|studium|wykształcenie|edukacja|学歴|学歴・職歴",
        "השכלה|לימודים|הכשרה|השכלה והכשרה|التعليم|الدراسة|المؤهلات|المؤهلات العلمية|المؤهل العلمي",
    ),
    "awards": (
        "awards|honors|honours|awards and honors|achievements|awards and achievements",
        "premios|logros|reconocimientos|premios y reconocimientos|prix|distinctions|récompenses",
        "auszeichnungen|preise|erfolge|auszeichnungen und preise|prêmios|prémios|conquistas|premi|riconoscimenti",
        "prijzen|onderscheidingen|荣誉奖项|获奖情况|获奖经历|荣誉|獲獎經歷|ocenění|nagrody|osiągnięcia|受賞歴",
        "פרסים|הישגים|الجوائز|الإنجازات",
    ),
    "certificates": (
        "certificates|certifications|licenses|licences|licenses and certifications|certificates and licenses",
        "certificados|certificaciones|licencias|certificats|certifications|permis",
        "zertifikate|zertifizierungen|zertifikate und lizenzen|bescheinigungen|certificações|certificazioni",
        "certificati|certificaten|certificeringen|证书|资格证书|职业资格|技能证书|證書|證照|certifikáty|osvědčení|certyfikaty|資格"
        "|資格・免許|免許・資格",
        "קורסים|תעודות|הסמכות|الشهادات|الدورات|الدورات التدريبية",
    ),
    "publications": (
        "publications|talks|publications and talks|papers",
        "publicaciones|veröffentlichungen|publikationen|publikationen und vorträge|vorträge|publicações|pubblicazioni",
        "publicaties|论文|发表论文|出版物|论文发表|發表論文|publikace|publikacje|論文|著書",
        "פרסומים|المنشورات",
    ),
    "skills": (
        "skills|technical skills|core skills|key skills|skills and tools|tools|technologies|competencies|expertise"
        "|core competencies|computer skills",
        "habilidades|competencias|aptitudes|conocimientos|conocimientos técnicos|habilidades técnicas|informática",
        "compétences|compétences techniques|savoir-faire|aptitudes|compétences clés|informatique|logiciels",
        "kenntnisse|fähigkeiten|kompetenzen|fachkenntnisse|it-kenntnisse|edv-kenntnisse|kenntnisse und fähigkeiten"
        "|besondere kenntnisse|kernkompetenzen|technische kenntnisse",
        "competências|habilidades|conhecimentos|competências técnicas|habilidades técnicas|aptidões",
        "competenze|abilità|capacità|conoscenze|competenze tecniche|capacità e competenze|conoscenze informatiche",
        "vaardigheden|competenties|kennis|kennis en vaardigheden|technische vaardigheden|computervaardigheden",
        "技能|专业技能|个人技能|技能特长|专业能力|專業技能|技能專長|dovednosti|znalosti|schopnosti|umiejętności"
        "|kompetencje|スキル|技術スキル|活かせる経験・知識・技術",
        "כישורים|מיומנויות|ידע מקצועי|المهارات|المهارات التقنية",
    ),
    "languages": (
        "languages|language skills",
        "idiomas|lenguas|langues|langues étrangères|sprachen|sprachkenntnisse|línguas|lingue|lingue straniere",
        "conoscenze linguistiche|talen|talenkennis|语言|语言能力|外语水平|語言能力|jazyky|jazykové znalosti|języki"
        "|języki obce|znajomość języków|語学|語学力|言語",
        "שפות|ידיעת שפות|اللغات",
    ),
    "interests": (
        "interests|hobbies|hobbies and interests|interests and hobbies",
        "intereses|aficiones|pasatiempos|centres d'intérêt|loisirs|intérêts|interessen"
        "|hobbys|interessen und hobbys|freizeit|interesses|passatempos|interessi|hobby|hobby e interessi",
        "interesses en hobby's|兴趣爱好|爱好|个人爱好|興趣愛好|興趣|zájmy|koníčky|zainteresowania|hobby",
        "趣味|趣味・特技",
        "תחביבים|תחומי עניין|الهوايات|الاهتمامات",
    ),
    "references": (
        "references|referees|referencias|références|referenzen|referências|referenze|referenties|推荐人|证明人|推薦人"
        "|reference|referencje|推薦者",
    ),
    "projects": (
        "projects|selected projects|personal projects|side projects|key projects",
        "proyectos|projets|projekte|ausgewählte projekte|projekterfahrung|projetos|progetti|projecten",
        "项目经历|项目经验|项目|個人項目|專案經歷|專案|projekty|プロジェクト|プロジェクト経験",
    ),
}
# "Tools & technologies", whatever the language has for "and".
_AND = re.compile(r"\s*&\s*|\s+(?:and|und|et|y|e|en|i|a)\s+")
_SECTION_BY_HEADING = {
    _AND.sub(" & ", heading): name
    for name, languages in _HEADINGS.items()
    for headings in languages
    for heading in headings.split("|")
}
_DECORATION = re.compile(r"^[\W_]+|(?<![\W_])[\W_]+$")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])|[_-]+")
_LONGEST_HEADING_WORDS = 5


def section_of(heading: str) -> str | None:
    """Return the section that these words are a usual heading of, whatever surrounds them; None if they are none."""
    words = " ".join(fold(_DECORATION.sub("", heading)).split())
    return _SECTION_BY_HEADING.get(_AND.sub(" & ", words))


def section_of_key(key: str) -> str | None:
    """Return the section that a key of a JSON file is another name of ("workExperience"); None if it is none."""
    if key in SECTIONS:
        return key
    return section_of(" ".join(_CAPITAL_INSIDE.sub(" ", key).split()))


def headed_by(line: str, alone: bool) -> str | None:
    """Name the section that `line` is the heading of; None if it is none.

    Whatever stands in capitals below a blank line is a heading too, and names its section itself.
    """
    if (section := section_of(line)) is not None:
        return section
    heading = _DECORATION.sub("", line).casefold().replace("&", "and")
    return heading if alone and line.isupper() and len(line.split()) <= _LONGEST_HEADING_WORDS else None
