import { queryOptions } from '@tanstack/react-query'
import { get } from './http'

export interface Workspace {
  name: string
  created_at?: number
  created_by?: string
}

export const workspaces = () =>
  queryOptions({
    queryKey: ['workspaces'],
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await get<{ workspaces: Workspace[] }>('api/2.0/serverless/workspaces', {}, signal)).workspaces,
  })
