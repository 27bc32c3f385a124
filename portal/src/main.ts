import { createApp } from 'vue'
import App from './App.vue'
import './looks/base.css'
import { router } from './router'

createApp(App).use(router).mount('#app')
