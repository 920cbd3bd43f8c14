/** An error that the API answered, in its own words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** Where the API is: beside this page, so that `/w/{workspace}/` talks to its own workspace. */
export const apiUrl = (path: string): string => new URL(path.replace(/^\//, ''), document.baseURI.replace(/#.*$/, '')).href

export const workspace = (): string => /\/w\/([^/]+)\/?$/.exec(new URL(apiUrl('')).pathname)?.[1] ?? 'default'

type Parameters = Record<string, string | number | boolean | string[] | undefined | null>

export function query(parameters: Parameters): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(parameters)) {
    if (value === undefined || value === null || value === '') continue
    if (Array.isArray(value)) for (const item of value) search.append(key, item)
    else search.set(key, String(value))
  }
  const text = search.toString()
  return text ? '?' + text : ''
}

async function fail(response: Response): Promise<never> {
  const text = await response.text()
  try {
    const { error_code, message } = JSON.parse(text) as { error_code?: string; message?: string }
    throw new ApiError(response.status, error_code ?? String(response.status), message ?? response.statusText)
  } catch (e) {
    if (e instanceof ApiError) throw e
    throw new ApiError(response.status, String(response.status), text.slice(0, 300) || response.statusText || 'The server answered without a reason.')
  }
}

export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response
  try {
    response = await fetch(apiUrl(path), { credentials: 'same-origin', ...init })
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e
    throw new ApiError(0, 'UNREACHABLE', 'The server does not answer. Check that `mlops up` is running.')
  }
  if (!response.ok) await fail(response)
  return response
}

/** Reads JSON. The browser sends the ETag of what it holds, and a 304 costs no body. */
export async function get<T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> {
  const response = await send(path + query(parameters), { signal, headers: { Accept: 'application/json' } })
  return parseJson(await response.text()) as T
}

export async function post<T>(path: string, body: unknown = {}, method = 'POST', signal?: AbortSignal): Promise<T> {
  const response = await send(path, { method, signal, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const text = await response.text()
  return (text ? parseJson(text) : {}) as T
}

/** MLflow's servers write NaN and Infinity as they are; JSON knows neither. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return JSON.parse(text.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, '$1"$2"'))
  }
}
