select {{ same_name() }} as own, {{ toolbox.uses_other() }} as used, {{ dispatching.same_name() }} as root
