-- Whom an interviewer meets, in whichever requisition.

CREATE INDEX IF NOT EXISTS candidates_met_by ON candidates
    USING gin (jsonb_path_query_array(view, '$.interviews.* ? (@.status != "cancelled").interviewers[*].person'));
