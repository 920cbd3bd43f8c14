using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Roles;

/// <summary>A role and its members.</summary>
public sealed record Role(string Name, IReadOnlyList<string> Members);

/// <summary>
/// Manages roles and their members. A role without members is open to everyone who names it: on one machine without authentication, naming
/// it is all that can be required.
/// </summary>
public sealed class RoleDirectory(Store store)
{
    private const int Longest = 200;
    private string Partition => Keys.Join(store.Workspace, "roles");

    public async Task<IReadOnlyList<Role>> ListAsync(CancellationToken cancellationToken = default)
    {
        var roles = new List<Role>();
        await foreach (var row in store.Index.QueryAsync(Partition, "", cancellationToken))
        {
            roles.Add(row.Read<Role>());
        }

        return roles;
    }

    /// <summary>Sets the members of a role; none clears the role.</summary>
    public async Task SetAsync(string name, IReadOnlyList<string> members, CancellationToken cancellationToken = default)
    {
        if (
            string.IsNullOrWhiteSpace(name)
            || name.Length > Longest
            || members.Any(m => string.IsNullOrWhiteSpace(m) || m.Length > Longest)
        )
        {
            throw ServerlessException.Invalid(
                "The names of a role and its members must have 1 to 200 characters.",
                "Example: mlops roles set owner alice bob"
            );
        }

        var row = Row.Of(Partition, Keys.Join(Keys.Bounded(name)), new Role(name, [.. members.Distinct(StringComparer.Ordinal)]));
        await store.Index.CommitAsync(members.Count == 0 ? RowChange.Delete(row) : RowChange.Put(row), cancellationToken);
    }

    /// <summary>Throws if the caller does not have the required role.</summary>
    /// <param name="wanted">The role that has to answer.</param>
    /// <param name="named">The role in which the caller answers.</param>
    /// <param name="who">The caller.</param>
    /// <param name="what">The object that is waiting, for the error.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task RequireAsync(string wanted, string? named, string who, string what, CancellationToken cancellationToken = default)
    {
        if (named != wanted)
        {
            throw new ServerlessException(
                ErrorCodes.PermissionDenied,
                $"{what} is waiting for the role '{wanted}'{(named is null ? "" : $", not for '{named}'")}.",
                $"Answer in that role: --role {wanted}.",
                403
            );
        }

        var row = await store.Index.GetAsync(Partition, Keys.Join(Keys.Bounded(wanted)), cancellationToken);
        if (row?.Read<Role>().Members is { } members && !members.Contains(who, StringComparer.Ordinal))
        {
            throw new ServerlessException(
                ErrorCodes.PermissionDenied,
                $"'{who}' does not have the role '{wanted}', which {char.ToLowerInvariant(what[0])}{what[1..]} is waiting for.",
                $"Ask one of {string.Join(", ", members)} to answer: --as NAME --role {wanted}.",
                403
            );
        }
    }
}
