using Serverless.Api.Http;
using Serverless.Automation.Hooks;
using Serverless.Core;

namespace Serverless.Api.Native.Console;

/// <summary>What a workspace is set to: roles, webhooks, how long things are kept.</summary>
internal static class SettingsEndpoints
{
    public static void Map(Action<string, string, Func<ConsoleCall, Task<object?>>> on)
    {
        on("GET", "settings", SettingsAsync);
        on("PUT", "roles/{role}", SetRoleAsync);
    }

    private static async Task<object?> SettingsAsync(ConsoleCall call)
    {
        var (workspace, options) = (call.Workspace, call.Workspace.Options);
        return new
        {
            version = ServerlessApi.Version,
            workspace = workspace.Store.Workspace,
            user = Caller.Of(call.Http).Name,
            workspace_policy = options.Workspaces,
            admins = options.Admins,
            masks_secrets = options.MasksSecrets,
            logs_predictions = options.LogsPredictions,
            prediction_days = options.Retention.PredictionDays,
            event_days = options.Retention.EventDays,
            roles = await workspace.Roles.ListAsync(call.Stopped),
            hooks = await new HookStore(workspace.Store, workspace.Time).ListMappingsAsync(call.Stopped),
        };
    }

    private static async Task<object?> SetRoleAsync(ConsoleCall call)
    {
        var body = await ConsoleApi.BodyAsync<RoleBody>(call.Http);
        // Where administrators make workspaces, they also say who may approve.
        call.Workspace.Options.CheckAdmin(Caller.Of(call.Http), $"change the role '{call.Route("role")}'");
        await call.Workspace.Roles.SetAsync(call.Route("role"), body.Members ?? [], call.Stopped);
        return new { roles = await call.Workspace.Roles.ListAsync(call.Stopped) };
    }

    internal sealed class RoleBody
    {
        public List<string>? Members { get; init; }
    }
}
